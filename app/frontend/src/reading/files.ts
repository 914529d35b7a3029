/**
 * Files of numbers as inputs of a network: NumPy's arrays and pictures, which become rows, and texts, which `readRows` reads. The
 * browser reads them itself: what they become is shown here before it is used, and nothing has to be sent for it.
 */

import type { StudioState } from "../model/types";
import type { Kind } from "../share/kinds";
import { readNpy, readNpz, type NumberArray } from "./npy";
import { readPicture } from "./picture";
import { MOST_ROWS } from "./reader";
import { listed, Unread, type Note } from "./words";

/** What a network takes: the shape of one input without its batch, and the largest number of a picture's. */
export interface WantedInputs {
  shape: readonly number[];
  top: number;
}

/** Inputs, each in a row of numbers, last dimension first; and what is to be told of how they were read. */
export interface Data {
  rows: number[][];
  notes: Note[];
}

/** What a chain of dense layers takes; where all its inputs go from 0 to the same number, as of the digits, a picture does too. */
export function wantedBy({ inputs, inputRanges }: StudioState): WantedInputs {
  const top = inputRanges[0]?.[1] ?? 1;
  const same = inputRanges.every(([low, high]) => low === 0 && high === top);
  return { shape: [inputs.length], top: same ? top : 1 };
}

/** The rows of a file that is an array, several, or a picture; null where it is none of these. Throws Unread. */
export async function dataIn(file: Blob, kind: Kind, wanted: WantedInputs): Promise<Data | null> {
  if (kind === "npy") return { rows: rowsOf(readNpy(new Uint8Array(await file.arrayBuffer())), wanted.shape), notes: [] };
  if (kind === "picture") {
    const { row, notes } = await readPicture(file, wanted.shape, wanted.top);
    return { rows: [row], notes };
  }
  const arrays = kind === "zip" ? await readNpz(file) : null;
  return arrays && fromSeveral(arrays, wanted.shape);
}

/** Rows as a text that the reader of numbers reads in one way in every language. */
export const textOf = (rows: readonly (readonly number[])[]): string => `[${rows.map((row) => JSON.stringify(row)).join(",\n")}]`;

/** Usual names of what goes into a network. */
const NAMES = ["inputs", "x", "X", "x_test", "X_test", "images", "data", "arr_0"];

/** Of several arrays the one with a usual name, or the only one that fits; null where none does: it may hold a network's weights. */
function fromSeveral(arrays: ReadonlyMap<string, NumberArray>, shape: readonly number[]): Data | null {
  const fitting = [...arrays.keys()].filter((name) => countIn(arrays.get(name)!.shape, shape) !== null);
  const name = NAMES.find((usual) => arrays.has(usual)) ?? fitting[0];
  if (name === undefined) return null;
  if (!NAMES.includes(name) && fitting.length > 1) throw new Unread("several-arrays", { names: listed(fitting) });
  const others = [...arrays.keys()].filter((other) => other !== name);
  const notes = others.length > 0 ? [{ code: "arrays-left", values: { name, names: listed(others) } }] : [];
  return { rows: rowsOf(arrays.get(name)!, shape), notes };
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

function rowsOf({ shape: own, values }: NumberArray, shape: readonly number[]): number[][] {
  const size = product(shape);
  const count = countIn(own, shape);
  if (count === null) throw new Unread("array-shape", { text: `(${own.join(", ")})`, count: size });
  if (count === 0) throw new Unread("empty");
  if (count > MOST_ROWS) throw new Unread("too-long", { count, most: MOST_ROWS });
  return Array.from({ length: count }, (_, k) => {
    const row = Array.from(values.subarray(k * size, (k + 1) * size));
    const odd = row.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new Unread("not-a-number", { line: k + 1, column: odd + 1, text: String(row[odd]) });
    return row;
  });
}

const product = (sides: readonly number[]): number => sides.reduce((all, side) => all * side, 1);
