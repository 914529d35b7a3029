/** Reads a pasted batch of inputs: CSV, a spreadsheet's cells or JSON. Pure: text in, rows or what is wrong out. */

import { parseNumber } from "../model/numbers";
import type { Message } from "../model/types";

export type Pasted = { rows: number[][]; left: string[] } | { problem: Message };

export const MOST_ROWS = 1000;
const LARGEST_FLOAT32 = 3.4028234663852886e38;

/**
 * One row of numbers for each input vector, in the inputs' order. A first line of names puts the columns in order and
 * leaves out those that are no input; `left` lists them. Numbers may have a decimal point or comma, or be fractions.
 */
export function readBatch(text: string, inputNames: readonly string[]): Pasted {
  const trimmed = text.replace(/^\uFEFF/, "").trim();
  if (trimmed === "") return problem("batch-empty", {});
  if (/^[[{]/.test(trimmed)) return readJson(trimmed, inputNames);
  const lines = trimmed.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
  let first: Pasted | null = null;
  for (const separator of separatorsIn(lines, inputNames.length)) {
    const read = readTable(
      lines.map((line) => cells(line, separator)),
      inputNames,
    );
    if ("rows" in read) return read;
    first ??= read;
  }
  return first ?? problem("batch-empty", {});
}

/** The separators that the text may have been written with, likeliest first; "" takes a line as one cell. */
function separatorsIn(lines: readonly string[], count: number): string[] {
  const has = (mark: string): boolean => lines.some((line) => line.includes(mark));
  const found = ["\t", ";", ",", " "].filter(has);
  if (count === 1) found.unshift("");
  return found.length > 0 ? found : [""];
}

/** The cells of a line; a cell in double quotes may hold the separator, and a doubled quote stands for one. */
function cells(line: string, separator: string): string[] {
  if (separator === "") return [line.trim()];
  if (separator === " ") return line.trim().split(/\s+/);
  const found: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const mark = line[i]!;
    if (mark === '"' && quoted && line[i + 1] === '"') {
      cell += mark;
      i++;
    } else if (mark === '"') quoted = !quoted;
    else if (mark === separator && !quoted) {
      found.push(cell.trim());
      cell = "";
    } else cell += mark;
  }
  return [...found, cell.trim()];
}

function readTable(table: string[][], names: readonly string[]): Pasted {
  const head = table[0]!;
  const isHead = head.every((cell) => parseNumber(cell) === null) && table.length > 1;
  const places = isHead ? placesOf(head, names) : names.map((_, i) => i);
  const left = isHead ? head.filter((_, i) => !places.includes(i)) : [];
  const body = isHead ? table.slice(1) : table;
  if (body.length > MOST_ROWS) return problem("batch-too-long", { count: body.length, most: MOST_ROWS });
  const rows: number[][] = [];
  for (const [index, line] of body.entries()) {
    const number = index + (isHead ? 2 : 1);
    const width = isHead ? head.length : names.length;
    if (line.length !== width) return problem("batch-width", { line: number, got: line.length, expected: width });
    const row: number[] = [];
    for (const place of places) {
      const value = held(parseNumber(line[place] ?? ""));
      if (value === null) return problem("batch-not-a-number", { line: number, text: (line[place] ?? "").slice(0, 20) });
      row.push(value);
    }
    rows.push(row);
  }
  return { rows, left };
}

/** Where each input's column is: by its name where all are there, else from the left. */
function placesOf(head: readonly string[], names: readonly string[]): number[] {
  const lower = head.map((name) => name.toLowerCase());
  const places = names.map((name) => lower.indexOf(name.toLowerCase()));
  return places.includes(-1) ? names.map((_, i) => i) : places;
}

function readJson(text: string, names: readonly string[]): Pasted {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return problem("batch-not-json", {});
  }
  if (isRecord(document)) document = document["inputs"] ?? [document];
  if (!Array.isArray(document) || document.length === 0) return problem("batch-empty", {});
  const list: unknown[] = document.every((item) => typeof item === "number") ? [document] : document;
  if (list.length > MOST_ROWS) return problem("batch-too-long", { count: list.length, most: MOST_ROWS });
  const rows: number[][] = [];
  for (const [index, item] of list.entries()) {
    const values: unknown[] = isRecord(item) ? names.map((name) => item[name]) : Array.isArray(item) ? item : [item];
    if (values.length !== names.length) {
      return problem("batch-width", { line: index + 1, got: values.length, expected: names.length });
    }
    const row = values.map((value) => held(typeof value === "number" ? value : null));
    const wrong = row.indexOf(null);
    if (wrong >= 0) return problem("batch-not-a-number", { line: index + 1, text: String(JSON.stringify(values[wrong])).slice(0, 20) });
    rows.push(row as number[]);
  }
  return { rows, left: [] };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const held = (value: number | null): number | null => (value !== null && Math.abs(value) <= LARGEST_FLOAT32 ? value : null);

function problem(key: string, values: Record<string, string | number>): Pasted {
  const texts = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  return { problem: { key: `studio.${key}`, values: texts } };
}
