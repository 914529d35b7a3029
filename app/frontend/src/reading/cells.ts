/** A table's text as rows of cells: what separates them, quotes, comments, the numbers of the lines. As app/typed/cells.py. */

import { trimmed } from "./characters";
import { Unread } from "./words";

export const COMMA_AND_SPACE = ", ";
export const WHOLE_LINE = "";
export const COMMA_OR_SPACE = ",| ";
const BREAKS: Record<string, string> = { [COMMA_AND_SPACE]: ",[ \\t]+", " ": "[ \\t]+", [COMMA_OR_SPACE]: "[ \\t]*,[ \\t]*|[ \\t]+" };
const ERROR_OF_A_SPREADSHEET = /^#[¡¿]?(?:N\/A|N\/D|[A-ZÑ0-9/]+[!?])/;
/** What pandas writes below a table. */
const FOOTER = /^\[?[0-9]+ rows? [x×] [0-9]+ columns?\]?$/;
const SEPARATOR_LINE = /^"?sep=(.)"?[ \t]*$/i;

/** A row and the line that it begins in, counted from 1. */
export interface Row {
  line: number;
  cells: string[];
}

/** The separator that a first line "sep=;" names, as Excel writes and reads it; "" where there is none. */
export function separatorSaid(text: string): string {
  const end = text.indexOf("\n");
  return SEPARATOR_LINE.exec(end < 0 ? text : text.slice(0, end))?.[1] ?? "";
}

/** Whether a line begins with #, unless that begins what a spreadsheet writes for an error: #N/A, #DIV/0!. */
export function isComment(line: string): boolean {
  const begin = trimmed(line);
  return begin[0] === "#" && !ERROR_OF_A_SPREADSHEET.test(begin);
}

const isNoRow = (line: string): boolean => !trimmed(line) || isComment(line) || FOOTER.test(trimmed(line));

/** The lines that begin with #, as rows of one cell. */
export function commentsOf(text: string): Row[] {
  if (!text.includes("#")) return [];
  return text.split("\n").flatMap((line, index) => (isComment(line) ? [{ line: index + 1, cells: [line] }] : []));
}

/** The text's rows without comments and empty lines; of a plain text those after the first `most` are counted, and without their cells. Throws Unread (unclosed-quote). */
export function rowsOf(text: string, separator: string, most = Infinity): Row[] {
  const skipped = separatorSaid(text) === "" ? 0 : 1;
  const rows = text.includes('"') ? quotedRows(text, separator, skipped) : plainRows(text, separator, skipped, separator === "|" ? Infinity : most);
  // What stands between a table's headings and its rows.
  return separator === "|" ? rows.filter(({ cells }) => !isRule(cells)) : rows;
}

const isRule = (cells: readonly string[]): boolean =>
  cells.every((cell) => /^[ |:+=-]*$/.test(cell)) && cells.some((cell) => /--|==/.test(cell));

/** The cells of a line without quotes. */
export function cellsOf(whole: string, separator: string): string[] {
  const line = [" ", COMMA_OR_SPACE, WHOLE_LINE].includes(separator) ? trimmed(whole) : whole;
  if (separator === WHOLE_LINE) return [line];
  const mark = BREAKS[separator];
  return line.split(mark === undefined ? separator : new RegExp(mark)).map(trimmed);
}

function plainRows(text: string, separator: string, skipped: number, most: number): Row[] {
  const rows: Row[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (index >= skipped && !isNoRow(line)) rows.push({ line: index + 1, cells: rows.length < most ? cellsOf(line, separator) : [] });
  }
  return rows;
}

/** As plainRows; a cell in double quotes may hold separators and line ends, and a doubled quote is one. */
function quotedRows(text: string, separator: string, skipped: number): Row[] {
  const scanner = new Scanner(text, separator);
  const rows: Row[] = [];
  let line = 1;
  while (scanner.at < text.length) {
    const start = scanner.at;
    const end = text.indexOf("\n", start);
    const whole = text.slice(start, end < 0 ? text.length : end);
    if (line <= skipped || isNoRow(whole)) {
      scanner.at = start + whole.length + 1;
      line++;
      continue;
    }
    rows.push({ line, cells: scanner.row(line) });
    for (let at = text.indexOf("\n", start); at >= 0 && at < scanner.at; at = text.indexOf("\n", at + 1)) line++;
  }
  return rows;
}

class Scanner {
  at = 0;
  readonly #ends: RegExp;
  /** Blanks that separate nothing, and may stand before a cell. */
  readonly #tabs: boolean;
  readonly #spaces: boolean;

  constructor(
    private readonly text: string,
    separator: string,
  ) {
    const mark = BREAKS[separator] ?? separator.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    this.#ends = new RegExp(mark ? `${mark}|\\n` : "\\n", "g");
    this.#spaces = separator === " ";
    this.#tabs = separator !== "\t";
  }

  /** Reads cells up to the end of a row. */
  row(line: number): string[] {
    const cells: string[] = [];
    for (;;) {
      cells.push(this.#cell(line));
      const end = this.#end;
      if (end === null) {
        this.at = this.text.length;
        return cells;
      }
      this.at = end.index + end[0].length;
      if (end[0] === "\n") return cells;
      // Blanks at the end of a line separate nothing.
      if (this.#spaces && (this.at === this.text.length || this.text[this.at] === "\n")) {
        this.at++;
        return cells;
      }
    }
  }

  #end: RegExpExecArray | null = null;

  #cell(line: number): string {
    const { text } = this;
    while (text[this.at] === " " || (this.#tabs && text[this.at] === "\t")) this.at++;
    const quoted = text[this.at] === '"' ? this.#quoted(line) : "";
    this.#ends.lastIndex = this.at;
    this.#end = this.#ends.exec(text);
    return trimmed(quoted + text.slice(this.at, this.#end?.index ?? text.length));
  }

  #quoted(line: number): string {
    const parts: string[] = [];
    this.at++;
    for (;;) {
      const end = this.text.indexOf('"', this.at);
      if (end < 0) throw new Unread("unclosed-quote", { line });
      parts.push(this.text.slice(this.at, end));
      this.at = end + 1;
      if (this.text[this.at] !== '"') return parts.join("");
      parts.push('"');
      this.at++;
    }
  }
}

