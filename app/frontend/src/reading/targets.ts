/** Rows of a text with what is right for each after them. */

import { readRows, type Limit, type Read } from "./reader";
import { Unread, type Rule } from "./words";

/** The shape may be wrong for the inputs alone, and right with targets after them. */
const OF_THE_WIDTH = ["width", "width-one", "ragged", "columns"];

/** A text of more characters takes long to be read. */
export const LONG = 50_000;

/** `targets`: the numbers after each row's inputs; null where there are none. */
export interface ReadWithTargets extends Read {
  readonly targets: readonly (readonly number[])[] | null;
}

/** The rows that a text holds for inputs of these names, and after them the numbers of the first of `ways` that fits, each the names of a row's targets. */
export function readWithTargets(text: string, names: readonly string[], ways: readonly (readonly string[])[], rule: Rule, limit: Limit): ReadWithTargets | Unread {
  const plain = readRows(text, names, rule, limit);
  if (!(plain instanceof Unread)) return { ...plain, targets: null };
  if (!OF_THE_WIDTH.includes(plain.code)) return plain;
  const count = names.length;
  let problem = plain;
  // A long text is read once more, if at all: with as many numbers as its rows were found to have.
  const width = Number(plain.values["got"]);
  const tried = text.length > LONG ? ways.filter((way) => count + way.length === width) : ways;
  for (const way of tried) {
    const both = readRows(text, [...names, ...way], rule, limit);
    if (both instanceof Unread) {
      // In the right shape something else is wrong, which is what has to be said.
      if (OF_THE_WIDTH.includes(problem.code) && !OF_THE_WIDTH.includes(both.code)) problem = both;
      continue;
    }
    return { ...both, rows: both.rows.map((row) => row.slice(0, count)), targets: both.rows.map((row) => row.slice(count)) };
  }
  return problem;
}
