/** Rows as JSON has them: [[1, 2]], {"inputs": [[1, 2]]}, [{"x1": 1, "x2": 2}], and tables as pandas writes them. As app/typed/documents.py. */

import { frameIn, isRecord, type Frame } from "./frames";
import { placesOf, type Beside } from "./table";
import { LARGEST_FLOAT32, shown, Unread, type Note } from "./words";

/** The rows, what is to be told, whether it is one vector without a batch, and what stands beside. Throws Unread. */
export function readDocument(text: string, names: readonly string[]): { rows: number[][]; notes: Note[]; flat: boolean; beside?: Beside | null } {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    throw new Unread("not-json");
  }
  if (isRecord(found) && "inputs" in found) found = found["inputs"];
  const frame = frameIn(found, names);
  if (frame) return { ...ofFrame(frame, names), flat: false };
  if (!Array.isArray(found) || found.length === 0) throw new Unread("empty");
  const flat = found.every((each) => typeof each === "number");
  const rows = (flat ? [found] : (found as unknown[])).map((each) => (Array.isArray(each) ? (each as unknown[]) : [each]));
  return { rows: rows.map(numbersOf), notes: [], flat };
}

function ofFrame({ columns, rows }: Frame, names: readonly string[]): { rows: number[][]; notes: Note[]; beside: Beside | null } {
  const { places, notes } = placesOf(columns, rows.map((row) => row.map(textOf)), names);
  return { rows: rows.map((row, index) => numbersOf(places.map((at) => (at < 0 ? null : row[at])), index)), notes, beside: besideOf({ columns, rows }, places) };
}

/** The last column that is no input's, as of a table. */
function besideOf({ columns, rows }: Frame, places: readonly number[]): Beside | null {
  const at = columns.findLastIndex((_, column) => !places.includes(column));
  if (at < 0) return null;
  const values = rows.map((row) => row[at]);
  const numbers = values.every((value) => typeof value === "number" && Math.abs(value) <= LARGEST_FLOAT32) ? (values as number[]) : null;
  return { column: at + 1, name: columns[at]!, values: values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))), numbers };
}

/** A value as the cell of a table: words are words, all else is taken for a number. */
const textOf = (value: unknown): string => (typeof value === "string" ? value : "0");

const numbersOf = (values: readonly unknown[], index: number): number[] =>
  values.map((value, k) => numberOf(value, index + 1, k + 1));

function numberOf(value: unknown, line: number, column: number): number {
  if (typeof value !== "number") {
    const text = Array.isArray(value) ? "[…]" : isRecord(value) ? "{…}" : JSON.stringify(value);
    throw new Unread(value === null ? "missing" : "not-a-number", { line, column, text: shown(text) });
  }
  if (Math.abs(value) > LARGEST_FLOAT32) {
    throw new Unread("too-large", { line, text: Number.isFinite(value) ? String(value) : "∞" });
  }
  return value;
}
