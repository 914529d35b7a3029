import { reach } from "../studio/reach";

/** GET /api/v1/datasets/{name}; of pictures and sequences each input is nested. */
export interface DataSet {
  name: string;
  title: string;
  origin: string;
  target: string;
  /** Empty where the targets are numbers. */
  class_names: string[];
  inputs: (number | unknown[])[][];
  /** Classes count from 0. */
  targets: (number | number[])[];
  held_out_rows: boolean[];
}

const known = new Map<string, Promise<DataSet>>();

/** The rows that a preset learnt from, and those that were held out; asked for once. Throws with the problem's words, or NoAnswer. */
export function dataSetNamed(name: string, language: string): Promise<DataSet> {
  const asked = known.get(name) ?? reach(`/api/v1/datasets/${encodeURIComponent(name)}`, { headers: { "Accept-Language": language } }).then((answer) => answer.json() as Promise<DataSet>);
  known.set(name, asked);
  asked.catch(() => known.delete(name));
  return asked;
}

/** What is right for a row, as a number. */
export const targetOf = ({ targets }: DataSet, row: number): number => [targets[row]!].flat()[0]!;

/** What is right for a row, in words: its class's name, or its number. */
export function rightFor(data: DataSet, row: number, print: (value: number) => string): string {
  const target = targetOf(data, row);
  return data.class_names[target] ?? print(target);
}

/** The rows that were held out, or those that were learnt from. */
export const rowsOf = ({ held_out_rows: held }: DataSet, heldOut: boolean): number[] => held.flatMap((each, row) => (each === heldOut ? [row] : []));
