/** A pasted, dropped or typed text as rows of numbers, one for each input vector. As app/typed/reader.py. */

import { looksLikeArrays, readArrays } from "./arrays";
import { cellsOf, COMMA_AND_SPACE, COMMA_OR_SPACE, commentsOf, rowsOf, separatorSaid, WHOLE_LINE, type Row } from "./cells";
import { normalised, trimmed } from "./characters";
import { readDocument } from "./documents";
import { notANumber, numberIn } from "./number";
import { readTable, width, type Beside } from "./table";
import { listed, shown, Unread, type Note, type Rule } from "./words";

export const MOST_ROWS = 1000;
/** More rows do not stand above a table's numbers. */
const MOST_ABOVE = 2;
/** They separate cells and mean nothing else: the first of them that gives a table is the one. */
const DECISIVE = ["\t", ";", "|"];
/** What is wrong with the shape says that a text was probably not meant so. */
const OF_THE_SHAPE = ["width", "width-one", "ragged", "columns"];

/** Rows of numbers in the inputs' order and what is to be told of how they were read; `flat`: one vector as it stands. */
export interface Read {
  rows: number[][];
  notes: Note[];
  flat: boolean;
  /** A column beside the inputs, as of what is right for each row; null where there is none. */
  beside?: Beside | null;
}

/** How many rows there may be; `first`: of more the first ones are taken, and it is told. */
export interface Limit {
  readonly rows: number;
  readonly first?: boolean;
}

/** The rows that a text holds for inputs of these names, or what is wrong with it and where. Of a table with too many rows those that would be taken are read. */
export function readRows(text: string, names: readonly string[], rule: Rule, limit: Limit = { rows: Infinity }): Read | Unread {
  try {
    return rowsIn(normalised(text), names, rule, limit);
  } catch (problem) {
    if (problem instanceof Unread) return problem;
    throw problem;
  }
}

function rowsIn(text: string, names: readonly string[], rule: Rule, limit: Limit): Read {
  const begin = text.replace(/^[ \t\n]+/, "").trimEnd();
  if (begin === "") throw new Unread("empty");
  let read: Read;
  if (begin[0] === "{" || (begin[0] === "[" && /["{]/.test(begin))) read = readDocument(begin, names);
  else read = readArray(begin) ?? readText(text, names, rule, limit);
  for (const [index, row] of read.rows.entries()) {
    if (row.length !== names.length) throw width(index + 1, row.length, names.length);
  }
  return within(read, limit);
}

/** At most so many rows of them. Throws Unread (too-long) unless the first ones are wanted. */
function within(read: Read, { rows: most, first }: Limit, count = read.rows.length): Read {
  if (count <= most) return read;
  if (!first) throw new Unread("too-long", { count, most });
  const beside = read.beside && { ...read.beside, values: read.beside.values.slice(0, most), numbers: read.beside.numbers?.slice(0, most) ?? null };
  return { ...read, beside, rows: read.rows.slice(0, most), notes: [...read.notes, { code: "rows-first", values: { count, most } }] };
}

/** A printed array; null where it is none. Throws Unread. */
function readArray(begin: string): Read | null {
  if (!looksLikeArrays(begin)) return null;
  try {
    return { ...readArrays(begin), notes: [] };
  } catch (problem) {
    // An accountant's (250.00) is a number of a table.
    if (problem instanceof Unread && begin[0] === "(") return null;
    throw problem;
  }
}

function readText(text: string, names: readonly string[], rule: Rule, limit: Limit): Read {
  const said = separatorSaid(text);
  const comments = commentsOf(text);
  const failed: Unread[] = [];
  const readings: Read[] = [];
  for (const separator of said === "" ? separatorsIn(text, names.length) : [said]) {
    try {
      const read = readWith(text, separator, names, rule, comments, limit);
      if (said !== "" || [...DECISIVE, WHOLE_LINE].includes(separator)) return read;
      if (!readings.some(({ rows }) => sameRows(rows, read.rows))) readings.push(read);
    } catch (problem) {
      if (!(problem instanceof Unread)) throw problem;
      problem.separator = separator;
      failed.push(problem);
    }
  }
  const asked = failed.find(({ code }) => code === "two-ways");
  if (asked) throw asked;
  if (readings.length > 1) throw new Unread("two-separators", { text: shown(trimmed(text).split("\n", 1)[0]!) });
  if (readings[0]) return readings[0];
  const problem = likeliest(failed);
  if (OF_THE_SHAPE.includes(problem.code) && text.includes(",") && fitsMixed(text, names, rule)) {
    throw new Unread("two-separators", { text: shown(trimmed(text).split("\n", 1)[0]!) });
  }
  throw ofAWord(text, problem);
}

/** Where a row of a wrong number of cells has one that is no number, that one; the problem as it is otherwise. */
function ofAWord(text: string, problem: Unread): Unread {
  const { code, separator, values } = problem;
  if (!OF_THE_SHAPE.includes(code) || values["line"] === undefined || separator === undefined) return problem;
  const row = rowsOf(text, separator).find(({ line }) => line === values["line"]);
  const at = row?.cells.findIndex((cell) => cell !== "" && !numberIn(cell)) ?? -1;
  if (!row || at < 0) return problem;
  const cell = row.cells[at]!;
  return new Unread(notANumber(cell), { line: row.line, text: shown(cell), column: at + 1 });
}

/** Whether a text that fits no other way does so where both its commas and its blanks separate: "1,5 2". */
function fitsMixed(text: string, names: readonly string[], rule: Rule): boolean {
  try {
    readWith(text, COMMA_OR_SPACE, names, rule, [], { rows: Infinity });
    return true;
  } catch (problem) {
    if (problem instanceof Unread) return false;
    throw problem;
  }
}

/** The failure that tells best what is wrong: one of a number, in a table that has the right shape. */
function likeliest(failed: readonly Unread[]): Unread {
  const first = failed.find(({ code }) => !OF_THE_SHAPE.includes(code));
  if (!first) return failed[0]!;
  // Where a line was taken for one number, but is several, their count says more.
  const several = failed.find(({ code, values }) => code === "width" && values["line"] === first.values["line"]);
  return first.separator === WHOLE_LINE && several ? several : first;
}

const sameRows = (a: number[][], b: number[][]): boolean =>
  a.length === b.length && a.every((row, i) => row.every((value, k) => value === b[i]![k]));

/** The separators that the text may have been written with, likeliest first. */
function separatorsIn(text: string, count: number): string[] {
  const found = DECISIVE.filter((mark) => text.includes(mark));
  // A line may be one number with its own comma.
  if (count === 1) found.push(WHOLE_LINE);
  if (text.includes(",")) found.push(",");
  if (text.includes(", ") || text.includes(",\t")) found.push(COMMA_AND_SPACE);
  else if (text.includes(" ") || text.includes("\t")) found.push(" ");
  return found.length > 0 ? found : [WHOLE_LINE];
}

function readWith(text: string, separator: string, names: readonly string[], rule: Rule, comments: Row[], limit: Limit): Read {
  const most = limit.rows + MOST_ABOVE;
  const all = rowsOf(text, separator, most);
  if (all.length === 0) throw new Unread("empty");
  const rows = all.length > most ? all.slice(0, most) : all;
  const above = comments.filter(({ line }) => line < rows[0]!.line).at(-1);
  const comment = above ? { line: above.line, cells: cellsOf(above.cells[0]!.replace(/^[ \t#]+/, ""), separator) } : null;
  const commasSeparate = separator === "," || separator === COMMA_AND_SPACE;
  const { rows: numbers, notes, headed, beside } = readTable(rows, { names, rule, commasSeparate, comment });
  const used = notes.find(({ code }) => code === "headings")?.values["line"];
  const left = comments.filter(({ line }) => line !== used);
  if (left.length > 0) notes.push({ code: "comments-left", values: { lines: listed(left.map(({ line }) => String(line))) } });
  const read = { rows: numbers, notes, flat: rows.length === 1 && !headed, beside };
  return rows === all ? read : within(read, limit, numbers.length + all.length - rows.length);
}
