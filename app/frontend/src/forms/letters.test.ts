import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import type { DescribedCell } from "../live/protocol";
import { Explained, Layout } from "./decode";
import { readFormula, type Formula } from "./formula";
import { lettersOf, type Letters } from "./letters";

/** What the server told of one number of each operation; `python -m tests.api.routes.test_live_letters` writes it. */
interface Case {
  kind: string;
  options: Record<string, unknown>;
  cell: DescribedCell;
  numbers: Record<string, string[]>;
}
const CASES = JSON.parse(readFileSync(join(import.meta.dirname, "letters.json"), "utf8")) as Case[];

const number = (text: string): number => (text.endsWith("inf") ? Infinity * (text.startsWith("-") ? -1 : 1) : Number(text));

/** What letters are worth: a number, or numbers by their places. */
type Worth = Record<string, number | ((...places: number[]) => number)>;
type Function = (of: number[]) => number;
const FUNCTIONS: Readonly<Record<string, Function>> = {
  ln: ([x]) => Math.log(x!),
  max: (of) => Math.max(...of),
  min: (of) => Math.min(...of),
  argmax: (of) => of.indexOf(Math.max(...of)),
  argmin: (of) => of.indexOf(Math.min(...of)),
};

/** Worked out with these letters; `ranges`: through which places a letter below a sum runs where the sum does not say it. */
function workedOut(formula: Formula, worth: Worth, ranges: Readonly<Record<string, readonly number[]>> = {}): number {
  const of = (part: Formula, more: Worth = {}): number => workedOut(part, { ...worth, ...more }, ranges);
  switch (formula.is) {
    case "number":
      return Number(formula.text);
    case "word":
      return formula.text === "∞" ? Infinity : NaN;
    case "name":
      if (formula.text === "e") return Math.E;
      expect(typeof worth[formula.text], formula.text).toBe("number");
      return worth[formula.text] as number;
    case "indexed":
      return (worth[(formula.base as { text: string }).text] as (...places: number[]) => number)(...formula.places.map((place) => of(place)));
    case "sum": {
      const [left, right] = formula.parts;
      if (formula.signs[0] === ">") return Number(of(left!) > of(right!));
      return formula.parts.reduce((sum, part, k) => sum + of(part) * (formula.signs[k - 1] === "-" ? -1 : 1), 0);
    }
    case "product":
      return formula.parts.reduce((product, part) => product * of(part), 1);
    case "fraction":
      return of(formula.above) / of(formula.below);
    case "power":
      return of(formula.base) ** of(formula.raised);
    case "minus":
      return -of(formula.of);
    case "root":
      return Math.sqrt(of(formula.of));
    case "fenced":
      return of(formula.of[0]!);
    case "call": {
      const given = formula.of.is === "fenced" ? formula.of.of : [formula.of];
      return FUNCTIONS[formula.name]!(given.flatMap((each, k) => (each.is === "word" && each.text === "…" ? between(given[k - 1]!, given[k + 1]!) : [each])).map((each) => of(each)));
    }
    case "many": {
      const below = formula.below as { text?: string; parts?: readonly Formula[] };
      const letter = below.text ?? (below.parts![0] as { text: string }).text;
      const places = formula.above ? Array.from({ length: of(formula.above) }, (_, k) => of(below.parts![1]!) + k) : ranges[letter]!;
      return places.map((place) => of(formula.of, { [letter]: place })).reduce((one, other) => (formula.sign === "∏" ? one * other : one + other));
    }
    case "cases":
      return of(formula.cases.find(({ where }) => where === null || of(where) !== 0)!.value);
    case "not":
      return Number(!of(formula.of));
  }
}

/** What "…" stands for: x_1, …, x_4 has x_2 and x_3. */
function between(first: Formula, last: Formula): Formula[] {
  const [base, from] = indexOf(first);
  const [, to] = indexOf(last);
  return Array.from({ length: to - from - 1 }, (_, k) => ({ is: "indexed", base, places: [{ is: "number", text: String(from + 1 + k) }] }));
}

function indexOf(formula: Formula): [Formula, number] {
  const { base, places } = formula as Extract<Formula, { is: "indexed" }>;
  return [base, Number((places[0] as { text: string }).text)];
}

const read = (text: string): Formula => readFormula(text)!.formula;

/** The number that the letters give, of what the server told. */
function valueOf({ lines }: Letters, explained: Explained, first: number): number {
  const { layout, constants } = explained;
  const all = (role: string): number[] => {
    const group = layout.group(role);
    return group ? Array.from(explained.values.subarray(group.start, group.start + group.count)) : [];
  };
  const only = (role: string): number => explained.only(role) ?? NaN;
  const [one, other] = layout.groups.filter(({ role }) => role !== "condition" && role !== "index");
  const cells = one ? Array.from(explained.values.subarray(one.start, one.start + one.count)) : [];
  const worth: Worth = {};
  if (layout.form === "softmax") {
    const row = all("logits");
    const own = row.indexOf(only("logit"));
    Object.assign(worth, { i: own, m: Math.max(...row), s: (k: number) => row[k]! });
    return workedOut(read(lines[0]![1]), worth, { j: row.map((_, k) => k) });
  }
  if (layout.form === "normalisation") {
    const over = all("over");
    Object.assign(worth, { γ: only("scale"), β: only("shift"), ε: constants["eps"] });
    const each = { x: (k: number) => over[k - 1]! };
    const said = (letter: string, more: Worth): number | undefined => {
      const line = lines.find(([left]) => left === letter);
      return line && workedOut(read(line[1]), { ...worth, ...each, ...more });
    };
    const mean = said("μ", {}) ?? constants["mean"]!;
    const variance = said("σ²", { μ: mean }) ?? constants["variance"]!;
    // σ² is one thing and not a square here; and x alone, the number itself, is none of x_j.
    return workedOut(read(lines[0]![1].replace("σ²", "v").replace(/x_j/g, "r_j").replace(/(?<!\p{L})x(?!_)/gu, "q")), { ...worth, μ: mean, v: variance, q: only("x"), r: each.x });
  }
  if (layout.form === "choice") {
    const holds = only("condition");
    const chosen = cells[0] ?? NaN;
    Object.assign(worth, { c: holds, x: (k: number) => cells[k - first]! });
    if (layout.group("condition")) Object.assign(worth, { a: chosen, b: chosen, x: chosen });
    return workedOut(read(lines[0]![1]), worth);
  }
  if (layout.form === "move") return workedOut(read(lines[0]![1]), { x: () => cells[0]! });
  const indexed = cells.length > 1;
  return workedOut(read(lines[0]![1]), { a: indexed ? (k: number) => cells[k - 1]! : cells[0]!, b: other ? explained.valueOf(other.start) : NaN });
}

describe("in letters it is what torch computes", () => {
  test.each(CASES.map((one, k) => [`${k} ${one.kind}`, one] as const))("%s", (_, { kind, options, cell, numbers }) => {
    const arrays = new Map(Object.entries(numbers).map(([name, values]) => [name, Float32Array.from(values, number)]));
    const explained = new Explained(new Layout(cell), arrays);
    const letters = lettersOf(explained.layout, explained.constants, { kind, options })!;
    for (const side of letters.lines.flat()) if (side !== "") expect(readFormula(side), side).not.toBeNull();
    if (kind === "argsort" || kind === "argtopk") {
      // Which place of those in order it is, and that they are in the order that is said.
      const order = Array.from(explained.values, (value, k) => [value, k] as const).sort(([one], [other]) => (letters.lines[1]![0].includes("≥") ? other - one : one - other));
      const place = Number(/^π_(\d+)$/.exec(letters.lines[0]![1])![1]);
      expect(order[place]![1]).toBe(explained.value);
      return;
    }
    const found = valueOf(letters, explained, kind.startsWith("arg") ? 0 : 1);
    if (Number.isFinite(explained.value)) expect(found).toBeCloseTo(explained.value, 4);
    else expect(found).toBe(explained.value);
  });
});
