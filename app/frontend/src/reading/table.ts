/** Rows of cells as rows of numbers: what is a heading, which columns are the inputs, what each cell is. As app/typed/table.py. */

import type { Row } from "./cells";
import { normalised, trimmed } from "./characters";
import { notANumber, numberIn, twoWays, valueOf, type Parsed } from "./number";
import { LARGEST_FLOAT32, listed, shown, Unread, type Note, type Rule } from "./words";

/** Words that stand for "no value", and so never for the name of a column. */
const NO_VALUE = new Set("nan n/a na n/d nd null none nil inf infinity true false".split(" "));
/** A day or a time: 2024-01-05, 5.1.2024, 01/02, 12:30, 5-Jan-24. */
const DATE = /^[0-9]+(?:[-/:.][0-9]+[-/:.][0-9]+|[/:][0-9]+|[-.][A-Za-z]{3})/;

/** Rows of at most `width` cells, under headings where there are any; `places` are the inputs' columns, in order. */
interface Table {
  rows: Row[];
  width: number;
  headings: string[];
  places: number[];
  notes: Note[];
  /** The last column that is no input's. */
  beside: number | null;
}

/** A column that is no input's, from 1, under its heading. */
export interface Beside {
  readonly column: number;
  readonly name: string;
  readonly values: readonly string[];
  /** The same as numbers, where they came as such. */
  readonly numbers?: readonly number[] | null;
}

/**
 * What a table is read for: the inputs' names, how marks are read, whether bare commas separate its cells. `comment`: the last
 * one before the rows, which may hold their headings, as numpy.savetxt writes them.
 */
export interface Wanted {
  names: readonly string[];
  rule: Rule;
  commasSeparate: boolean;
  comment: Row | null;
}

/** The numbers in the order of the inputs' names, what is to be told, whether there are headings, and what stands beside. Throws Unread. */
export function readTable(rows: Row[], wanted: Wanted): { rows: number[][]; notes: Note[]; headed: boolean; beside: Beside | null } {
  const count = wanted.names.length;
  const table = withoutEmptyEdges(rows, count);
  takeCountedLabels(table, count);
  if (table.places.length === 0) takeHeadings(table, wanted);
  if (table.places.length === 0) {
    if (table.headings.length > 0) placeByHeadings(table, wanted);
    else placeByPosition(table, count);
  }
  return { rows: numbers(table, wanted), notes: table.notes, headed: table.headings.length > 0, beside: besideOf(table) };
}

/**
 * In which column each input is, -1 where it is missing, and what is to be told. `rows` have a cell a heading. Throws Unread
 * (columns) where neither names nor their number tell.
 */
export function placesOf(headings: string[], rows: string[][], names: readonly string[]): { places: number[]; notes: Note[] } {
  const places = found(headings, names);
  if (places.includes(-1) && knownAmong(headings, names) === headings.length) return { places, notes: [] };
  const lines = rows.map((cells, index) => ({ line: index + 1, cells }));
  const table: Table = { rows: lines, width: headings.length, headings, places: [], notes: [], beside: null };
  placeByHeadings(table, { names });
  // A name stands beside each value: only where none told anything there was an order to speak of.
  const notes = table.notes.filter(({ code }) => code !== "by-name");
  if (places.includes(-1)) {
    notes.push({ code: "by-order", values: { columns: listed(table.places.map((at) => headings[at] || String(at + 1))) } });
  }
  return { places: table.places, notes };
}

/** How many of the headings are names of inputs. */
export function knownAmong(headings: readonly string[], names: readonly string[]): number {
  const known = new Set(names.map(key));
  return headings.filter((each) => known.has(key(each))).length;
}

function besideOf({ rows, headings, beside }: Table): Beside | null {
  return beside === null ? null : { column: beside + 1, name: headings[beside] ?? "", values: rows.map(({ cells }) => cells[beside] ?? "") };
}

/** Leaves out columns at both edges that are empty in every row, as a separator at each line's end makes them. */
function withoutEmptyEdges(rows: Row[], count: number): Table {
  let widest = 0;
  let filled = 0;
  let first = Infinity;
  for (const { cells } of rows) {
    widest = Math.max(widest, cells.length);
    filled = Math.max(filled, cells.findLastIndex((cell) => cell !== "") + 1);
    const begin = cells.findIndex((cell) => cell !== "");
    first = Math.min(first, begin < 0 ? cells.length : begin);
  }
  const width = Math.max(Math.min(widest, count), filled);
  first = Math.min(first, Math.max(0, width - count));
  const cut = rows.map(({ line, cells }) => ({ line, cells: cells.slice(first, width) }));
  return { rows: cut, width: width - first, headings: [], places: [], notes: [], beside: null };
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((each, i) => each === b[i]);

/** pandas' own labels, 0, 1, 2, …: above columns beside an index they are none of the data. */
function takeCountedLabels(table: Table, count: number): void {
  const [first, ...rest] = table.rows;
  if (!first || rest.length === 0 || first.cells.length > count + 1) return;
  const labels = Array.from({ length: count }, (_, i) => String(i));
  const bare = same(first.cells, labels);
  if (!bare && !same(first.cells, ["", ...labels])) return;
  if (rest.every(({ cells }) => cells.length === count + 1)) {
    table.rows = rest;
    table.places = labels.map((_, i) => i + 1);
    table.headings = ["", ...labels];
    table.notes.push({ code: "counted-labels", values: { line: first.line } });
  } else if (bare && count > 1) {
    table.notes.push({ code: "labels-hint", values: { line: first.line, labels: listed(labels) } });
  }
}

function takeHeadings(table: Table, { names, comment }: Wanted): void {
  const first = table.rows[0]!;
  let { line } = first;
  if (table.rows.length > 1 && isHeading(first.cells, names)) {
    table.headings = first.cells;
    table.rows = table.rows.slice(1);
  } else if (comment && !found(comment.cells, names).includes(-1)) {
    table.headings = comment.cells;
    ({ line } = comment);
  } else return;
  table.notes.push({ code: "headings", values: { line, columns: listed(table.headings.filter(Boolean)) } });
  // The column of an index has no heading.
  const width = table.headings.length + 1;
  if (table.rows.every(({ cells }) => cells.length === width)) table.headings = ["", ...table.headings];
}

/** Whether a row is made of words, not of values that are no numbers. */
function isHeading(cells: readonly string[], names: readonly string[]): boolean {
  const words = cells.filter((cell) => cell !== "");
  // Several words that were not taken apart.
  if (cells.length === 1 && cells[0]!.includes(",")) return false;
  const known = new Set(names.map(key));
  return words.every(isWord) && words.some((word) => beginsAsName(word) || known.has(key(word)));
}

function isWord(cell: string): boolean {
  if (numberIn(cell) || cell[0] === "#" || NO_VALUE.has(cell.replace(/^[+-]+/, "").toLowerCase())) return false;
  return /\p{L}/u.test(cell);
}

const isLabel = (cell: string): boolean => (beginsAsName(cell) && isWord(cell)) || (DATE.test(cell) && !numberIn(cell));

const beginsAsName = (cell: string): boolean => /^[\p{L}_]/u.test(cell);

/** A name as it is compared: x₁ is x1. */
const key = (name: string): string => trimmed(normalised(name)).normalize("NFKC").toLowerCase();

/** Where each name is among the headings; -1 for one that is not, or is there twice. */
function found(headings: readonly string[], names: readonly string[]): number[] {
  const places = new Map<string, number>();
  for (const [place, heading] of headings.map(key).entries()) places.set(heading, places.has(heading) ? -1 : place);
  return names.map((name) => places.get(key(name)) ?? -1);
}

/** The columns in which no cell is a number and all are words. */
function labelColumns(rows: readonly Row[]): Set<number> {
  const columns = new Set<number>();
  for (const [i, cell] of rows[0]!.cells.entries()) {
    if (isLabel(cell) && rows.every(({ cells }) => isLabel(cells[i] ?? ""))) columns.add(i);
  }
  return columns;
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** By the inputs' names where all are there; else from the left, if no column is left over and no name contradicts. */
function placeByHeadings(table: Table, { names }: Pick<Wanted, "names">): void {
  const { headings } = table;
  const count = names.length;
  for (const { line, cells } of table.rows) {
    if (cells.length === headings.length) continue;
    if (headings.length === count) throw width(line, cells.length, count);
    throw new Unread("ragged", { line, got: cells.length, columns: headings.length, expected: count });
  }
  table.places = found(headings, names);
  if (table.places.includes(-1) || new Set(table.places).size < count) {
    const out = labelColumns(table.rows);
    if (headings[0] === "") out.add(0);
    const columns = upTo(headings.length).filter((i) => !out.has(i));
    const contradicts = table.places.some((at, k) => at !== -1 && at !== columns[k]);
    if (columns.length !== count || contradicts) {
      const values = { columns: listed(columns.map((i) => headings[i]!)), got: columns.length };
      throw new Unread("columns", { ...values, expected: count, names: listed(names) });
    }
    table.places = columns;
  }
  const used = new Set(table.places);
  const left = upTo(headings.length).filter((i) => !used.has(i));
  if (left[0] === 0 && headings[0] === "") {
    left.shift();
    table.notes.push({ code: "index-left", values: {} });
  }
  if (left.length > 0) {
    table.beside = left.at(-1)!;
    table.notes.push({ code: "columns-left", values: { names: listed(left.map((i) => headings[i] || String(i + 1))) } });
  }
  if (table.places.some((place, k) => k > 0 && place < table.places[k - 1]!)) table.notes.push({ code: "by-name", values: {} });
}

function placeByPosition(table: Table, count: number): void {
  let labels = table.width === count ? new Set<number>() : labelColumns(table.rows);
  if (table.width - labels.size !== count) labels = new Set();
  for (const { line, cells } of table.rows) {
    if (cells.length - labels.size !== count) throw width(line, cells.length - labels.size, count);
  }
  table.places = upTo(table.width).filter((i) => !labels.has(i));
  table.beside = labels.size > 0 ? Math.max(...labels) : null;
  for (const i of [...labels].sort((a, b) => a - b)) {
    table.notes.push({ code: "labels-left", values: { column: i + 1, text: shown(table.rows[0]!.cells[i]!) } });
  }
}

export const width = (line: number, got: number, expected: number): Unread =>
  new Unread(got === 1 ? "width-one" : "width", { line, got, expected });

/** Every cell's value. Throws Unread for the first that has none, or may have two. */
function numbers(table: Table, wanted: Wanted): number[][] {
  let seen = 0;
  const read: (number | Parsed)[][] = [];
  for (const { line, cells } of table.rows) {
    const row: (number | Parsed)[] = [];
    for (const [k, place] of table.places.entries()) {
      const cell = cells[place] ?? "";
      const number = numberIn(cell);
      if (!number) throw new Unread(notANumber(cell), { line, text: shown(cell), column: k + 1 });
      if (Math.abs(number.decimal) > LARGEST_FLOAT32) throw new Unread("too-large", { line, text: shown(cell) });
      seen |= number.seen;
      row.push(number.mark ? number : number.decimal);
    }
    read.push(row);
  }
  return read.map((row, i) =>
    row.map((each, k) => (typeof each === "number" ? each : decided(each, table.rows[i]!, table, k, seen, wanted))),
  );
}

/** What a number means beside the others; told where it was not the language's own mark that decided. */
function decided(number: Parsed, { line, cells }: Row, table: Table, k: number, seen: number, wanted: Wanted): number {
  const cell = cells[table.places[k]!]!;
  const rule = wanted.commasSeparate && number.mark === "." ? { ...wanted.rule, mark: "." } : wanted.rule;
  const value = valueOf(number, seen, rule);
  if (value === null) throw new Unread("two-ways", { line, ...twoWays(cell, number.mark, wanted.rule) });
  const asDecimal = value === number.decimal;
  const code = asDecimal ? "as-decimal" : "as-thousands";
  if ((number.mark !== rule.mark || !asDecimal) && table.notes.every((note) => note.code !== code)) {
    const written = cell.replaceAll(number.mark, asDecimal ? wanted.rule.mark : "");
    table.notes.push({ code, values: { text: shown(cell), value: shown(written) } });
  }
  return value;
}
