import { expect, test } from "vitest";

import type { Arising } from "../live/protocol";
import type { Print } from "../studio/print";
import { formatNumber } from "../model/numbers";
import { arithmeticOf } from "./arising";

const print = { inline: (value: number, digits = 4) => (Number.isNaN(value) ? "NaN" : formatNumber(value, { digits, language: "en", sign: "none" })) } as Print;
const t = (key: string, values: Record<string, unknown> = {}): string => [key, ...Object.values(values)].join("|");
const told = (cause: Arising["cause"], value: Arising["value"], numbers: Arising["numbers"], formula?: string): string =>
  arithmeticOf({ cell: { tensor: "x", at: [0] }, cause, value, numbers, formula }, t as never, print);

test("the arithmetic is written as it is read, a negative second number in brackets", () => {
  expect(told("product", "NaN", ["Infinity", 0])).toBe("∞ · 0 = NaN");
  expect(told("sum", "NaN", ["Infinity", "-Infinity"])).toBe("∞ + (−∞) = NaN");
  expect(told("quotient", "-Infinity", [-0.5, 0])).toBe("−0.5000 / 0 = −∞");
});

test("a sum and a product of finite numbers are said to be too large for their type", () => {
  expect(told("product", "Infinity", [1e30, 1e30])).toBe("forms.arises-overflow|1.00e30 · 1.00e30 = ∞|float32");
  expect(told("sum", "Infinity", ["Infinity", 1])).toBe("∞ + 1 = ∞");
});

test("a function is written with its numbers, and what was given or put there in words", () => {
  expect(told("function", "NaN", [-1, 0.5], "x^y")).toBe("forms.arises-function|x^y|x = −1, y = 0.5000");
  expect(told("given", "NaN", [])).toBe("forms.arises-given");
  expect(told("within", "NaN", [])).toBe("forms.arises-within");
});
