import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

import { isUnfinished, readNumber } from "./number";
import { readRows } from "./reader";
import { Unread, type Values } from "./words";

interface Case {
  why: string;
  text: string;
  inputs?: number;
  names?: string[];
  mark?: string;
  groups?: boolean;
  most?: number;
  rows?: number[][];
  notes?: [string, Values][];
  value?: number;
  refused?: string;
  values?: Values;
  flat?: boolean;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(`../../tests/typed/${name}.json`, "utf8")) as T;
const cases = read<{ rows: Case[]; numbers: Case[] }>("cases");
const generated = read<Case[]>("generated");

const namesOf = ({ names, inputs = 0 }: Case): string[] => names ?? Array.from({ length: inputs }, (_, i) => `x${i + 1}`);
const ruleOf = ({ mark = ".", groups = false }: Case): { mark: string; groups: boolean } => ({ mark, groups });

/** The command line's reader runs the same table: tests/typed/test_shared_cases.py. */
describe("the shared cases: rows", () => {
  test.each(cases.rows)("$why: $text", (each) => {
    const found = readRows(each.text, namesOf(each), ruleOf(each), { rows: each.most ?? Infinity });
    if (each.rows) {
      expect(found).not.toBeInstanceOf(Unread);
      const { rows, notes } = found as Exclude<typeof found, Unread>;
      expect(rows).toEqual(each.rows.map((row) => row.map((value) => value + 0)));
      expect(notes.map(({ code, values }) => [code, values])).toEqual(each.notes ?? []);
    } else {
      expect(found).toMatchObject({ code: each.refused, values: each.values ?? {} });
    }
  });
});

describe("the shared cases: one number", () => {
  test.each(cases.numbers)("$text $mark", (each) => {
    const found = readNumber(each.text, ruleOf(each));
    if (each.value !== undefined) expect(found).toBe(each.value);
    else expect(found).toMatchObject({ code: each.refused, values: each.values ?? {} });
  });
});

test("random texts are read as the command line reads them", () => {
  for (const each of generated) {
    const found = readRows(each.text, namesOf(each), ruleOf(each));
    const told =
      found instanceof Unread
        ? { refused: found.code, values: found.values }
        : { rows: found.rows, notes: found.notes.map(({ code, values }) => [code, values]), flat: found.flat };
    const { text, inputs, mark, groups, ...expected } = each;
    expect({ text, inputs, mark, groups, ...told }).toEqual({ text, inputs, mark, groups, ...expected });
  }
});

test("a number that is being typed is unfinished, and one that is wrong is not", () => {
  for (const typed of ["", "-", "+", ".", "1.", "1,", "-0,", "1e", "1e-", "2.5e", "1/", "1 /", "1,234,"]) expect([typed, isUnfinished(typed)]).toEqual([typed, true]);
  for (const typed of ["1e400", "1,000", "abc", "50%", "1/0", "1.2.3", "--", "1e400e"]) expect([typed, isUnfinished(typed)]).toEqual([typed, false]);
});
