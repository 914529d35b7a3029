/**
 * Files of numbers as inputs of a network: NumPy's arrays and pictures, which become rows, and texts, which `readRows` reads. The
 * browser reads them itself: what they become is shown here before it is used, and nothing has to be sent for it.
 */

import type { StudioState } from "../model/types";
import { countsOf } from "../rows/losses";
import type { Kind } from "../share/kinds";
import { namedIn } from "./named";
import { readNpy, readNpz, type NumberArray } from "./npy";
import { readPicture } from "./picture";
import { MOST_ROWS } from "./reader";
import { listed, Unread, type Note } from "./words";

/** What a network takes: the shape of one input without its batch, the largest number of a picture's, and how many numbers what is right for a row may have. */
export interface WantedInputs {
  shape: readonly number[];
  top: number;
  targets: readonly number[];
}

/** Inputs, each in a row of numbers with what is right for it at the end, where that is known; and what is to be told of how they were read. */
export interface Data {
  rows: number[][];
  notes: Note[];
}

/** What a chain of dense layers takes; where all its inputs go from 0 to the same number, as of the digits, a picture does too. */
export function wantedBy({ inputs, inputRanges, layers }: StudioState): WantedInputs {
  const top = inputRanges[0]?.[1] ?? 1;
  const same = inputRanges.every(([low, high]) => low === 0 && high === top);
  const { activation = "", biases = [] } = layers.at(-1) ?? {};
  return { shape: [inputs.length], top: same ? top : 1, targets: countsOf([{ name: "", shape: [biases.length], by: activation, classes: [] }]) };
}

/**
 * The rows of a file that is an array, several, or a picture; null where it is none of these. An array with what is right for each
 * of the rows that are `there` is put after them. Throws Unread.
 */
export async function dataIn(file: Blob, kind: Kind, wanted: WantedInputs, there: readonly (readonly number[])[] = []): Promise<Data | null> {
  if (kind === "npy") {
    const array = readNpy(new Uint8Array(await file.arrayBuffer()));
    if (countIn(array.shape, wanted.shape) !== null || !isRightFor(array, there.length, wanted)) return fromOne(array, wanted.shape);
    return { rows: beside(there, array), notes: [{ code: "array-right", values: { count: there.length } }] };
  }
  if (kind === "picture") {
    const { row, notes } = await readPicture(file, wanted.shape, wanted.top);
    return { rows: [row], notes };
  }
  const arrays = kind === "zip" ? await readNpz(file) : null;
  return arrays && fromSeveral(arrays, wanted);
}

/** Rows as a text that the reader of numbers reads in one way in every language. */
export const textOf = (rows: readonly (readonly number[])[]): string => `[${rows.map((row) => JSON.stringify(row)).join(",\n")}]`;

/** Of several arrays those with usual names, or the only one that fits; null where none does: it may hold a network's weights. */
function fromSeveral(all: ReadonlyMap<string, NumberArray | null>, wanted: WantedInputs): Data | null {
  const arrays = new Map([...all].flatMap(([name, array]) => (array ? [[name, array] as const] : [])));
  const fitting = [...arrays.keys()].filter((name) => countIn(arrays.get(name)!.shape, wanted.shape) !== null);
  const named = namedIn(arrays.keys());
  const usual = named.find(({ inputs }) => fitting.includes(inputs)) ?? named[0];
  const name = usual?.inputs ?? fitting[0];
  if (name === undefined) return null;
  if (!usual && fitting.length > 1) throw new Unread("several-arrays", { names: listed(fitting) });
  const inputs = arrays.get(name)!;
  const count = countIn(inputs.shape, wanted.shape) ?? 0;
  const right = usual?.right.find((each) => isRightFor(arrays.get(each)!, count, wanted));
  const data = fromOne(inputs, wanted.shape);
  const taken = right === undefined ? [name] : [name, right];
  const notes: Note[] = [];
  if (right !== undefined) notes.push({ code: "arrays-right", values: { name, right } });
  const others = [...all.keys()].filter((other) => !taken.includes(other));
  if (others.length > 0) notes.push({ code: "arrays-left", values: { name: listed(taken), names: listed(others) } });
  return { rows: right === undefined ? data.rows : beside(data.rows, arrays.get(right)!), notes: [...notes, ...data.notes] };
}

/** Whether an array may hold what is right for each of so many rows. */
function isRightFor({ shape: [count, ...rest] }: NumberArray, rows: number, { targets }: WantedInputs): boolean {
  return rows > 0 && count === rows && targets.includes(product(rest));
}

/** The rows, and after each what is right for it. */
function beside(rows: readonly (readonly number[])[], right: NumberArray): number[][] {
  const after = numbersIn(right, rows.length, right.values.length / right.shape[0]!);
  return rows.map((row, k) => [...row, ...after[k]!]);
}

/** How many inputs an array holds: one, a batch, or a batch whose inputs lie in a row; null where it fits in no way. */
function countIn(own: readonly number[], shape: readonly number[]): number | null {
  const size = product(shape);
  const whole = product(own);
  // A picture's rows, say, for inputs in a row; three rows of one number are no input of three.
  if (whole === size && (own.length === 1 || own.filter((side) => side > 1).length > 1)) return 1;
  const [count = 0, ...rest] = own;
  return own.length > 0 && product(rest) === size ? count : null;
}

/** The first rows of an array, as many as fit. */
function fromOne({ shape: own, values }: NumberArray, shape: readonly number[]): Data {
  const size = product(shape);
  const count = countIn(own, shape);
  if (count === null) throw new Unread("array-shape", { text: `(${own.join(", ")})`, count: size });
  if (count === 0) throw new Unread("empty");
  const rows = numbersIn({ shape: own, values }, Math.min(count, MOST_ROWS), size);
  return { rows, notes: count > MOST_ROWS ? [{ code: "rows-first", values: { count, most: MOST_ROWS } }] : [] };
}

function numbersIn({ values }: NumberArray, count: number, size: number): number[][] {
  return Array.from({ length: count }, (_, k) => {
    const row = Array.from(values.subarray(k * size, (k + 1) * size));
    const odd = row.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new Unread("not-a-number", { line: k + 1, column: odd + 1, text: String(row[odd]) });
    return row;
  });
}

const product = (sides: readonly number[]): number => sides.reduce((all, side) => all * side, 1);
