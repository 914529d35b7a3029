/** Tables in JSON, told apart by their shape: records, and the other orients of pandas' to_json. As app/typed/frames.py. */

import { knownAmong } from "./table";
import { Unread } from "./words";

/** Rows of values under the names of their columns; null where a row lacks one. */
export interface Frame {
  columns: string[];
  rows: unknown[][];
}

type Values = Record<string, unknown>;

const valueIn = (values: Values, name: string): unknown => (Object.hasOwn(values, name) ? values[name] : null);

export const isRecord = (value: unknown): value is Values => typeof value === "object" && value !== null && !Array.isArray(value);

/** The table that a document is, null where it is none. Throws Unread (orient) where it may be two. */
export function frameIn(found: unknown, names: readonly string[]): Frame | null {
  if (Array.isArray(found)) return found.length > 0 && found.every(isRecord) ? ofRecords(found) : null;
  if (!isRecord(found) || Object.keys(found).length === 0) return null;
  const { columns, data } = found;
  if (Array.isArray(data)) {
    if (Array.isArray(columns) && data.every(Array.isArray)) return split(columns.map(nameOf), data);
    if ("schema" in found && data.length > 0 && data.every(isRecord)) return ofRecords(data);
  }
  const within = Object.values(found);
  if (within.every(Array.isArray)) return ofColumns(found as Record<string, unknown[]>);
  if (within.every(isRecord)) return byColumnsOrRows(found as Record<string, Values>, names);
  return ofRecords([found]);
}

function ofRecords(records: readonly Values[]): Frame {
  const columns = keysOf(records);
  return { columns, rows: records.map((each) => columns.map((name) => valueIn(each, name))) };
}

/** What a column is called: a text, or a number. Columns of several levels have names of names. */
function nameOf(column: unknown): string {
  if (typeof column !== "string" && typeof column !== "number") throw new Unread("orient");
  return String(column);
}

function split(columns: string[], data: unknown[][]): Frame {
  for (const [index, row] of data.entries()) {
    const expected = columns.length;
    if (row.length !== expected) throw new Unread("ragged", { line: index + 1, got: row.length, columns: expected, expected });
  }
  return { columns, rows: data };
}

/** {"x1": [1, 2], "x2": [3, 4]}. */
function ofColumns(found: Record<string, unknown[]>): Frame {
  const columns = Object.keys(found);
  const length = columns.reduce((most, name) => Math.max(most, found[name]!.length), 0);
  return { columns, rows: Array.from({ length }, (_, k) => columns.map((name) => found[name]![k] ?? null)) };
}

/** {"x1": {"0": 1, "1": 2}}, as pandas writes by itself, or {"0": {"x1": 1}}, as with orient="index". */
function byColumnsOrRows(found: Record<string, Values>, names: readonly string[]): Frame {
  const outer = Object.keys(found);
  const inner = keysOf(Object.values(found));
  const byRows = saysColumns(inner, outer, names);
  if (byRows === saysColumns(outer, inner, names)) throw new Unread("orient");
  if (byRows) return ofRecords(Object.values(found));
  return { columns: outer, rows: inner.map((label) => outer.map((name) => valueIn(found[name]!, label))) };
}

/** Whether keys are columns: they are the network's own names, or the others are numbers, as labels of rows are. */
function saysColumns(keys: readonly string[], others: readonly string[], names: readonly string[]): boolean {
  const known = knownAmong(keys, names);
  const beside = knownAmong(others, names);
  return known > beside || (known === beside && counted(others) && !counted(keys));
}

const counted = (keys: readonly string[]): boolean => keys.every((key) => /^[0-9]+$/.test(key));

/** Every key, each once: whole numbers by size, as JavaScript keeps them, then the others as they come. */
function keysOf(records: readonly Values[]): string[] {
  const found = Object.create(null) as Values;
  for (const each of records) for (const key of Object.keys(each)) found[key] = null;
  return Object.keys(found);
}
