import { describe, expect, test } from "vitest";

import { readNumber } from "../reading/number";
import { ruleOf } from "../reading/rule";
import { formatNumber } from "./numbers";

describe("formatNumber", () => {
  const english = { digits: 4, language: "en" };

  test("one width for both signs", () => {
    expect(formatNumber(0.31708315, english)).toBe("\u20070.3171");
    expect(formatNumber(-0.31708315, english)).toBe("−0.3171");
  });
  test("the Spanish decimal mark", () => expect(formatNumber(-1.5, { digits: 2, language: "es" })).toBe("−1,50"));
  test("zero has no sign", () => {
    expect(formatNumber(-0, english)).toBe("\u20070.0000");
    expect(formatNumber(0, { ...english, sign: "plus" })).toBe("\u20070.0000");
  });
  test.each([
    [-0.00001, 4, "−1.0e−5"],
    [-0.00004, 4, "−4.0e−5"],
    [-0.00006, 4, "−0.0001"],
    [-0.004, 2, "−4e−3"],
    [1.5e-12, 4, "\u2007\u20072e−12"],
    [5e-324, 2, "\u20075e−324"],
  ])("%d is small, not zero", (value, digits, text) => expect(formatNumber(value, { digits, language: "en" })).toBe(text));
  test.each([
    [-1234567.8, "−1.23e6"],
    [999999.99999, "\u20071.00e6"],
    [9.999e9, "\u20071.0e10"],
    [3.4e38, "\u20073.4e38"],
  ])("%d is large", (value, text) => expect(formatNumber(value, english)).toBe(text));
  test("one width for everything below ten, and for what is too small or too large", () => {
    for (const digits of [3, 4, 5, 6, 7, 8]) {
      const values = [0, 1, -1, 0.5, -9.75, 1e-9, -3e-9, 2e7, -4.5e12, 1e38, 1e-38];
      const widths = values.map((value) => formatNumber(value, { digits, language: "es" }).length);
      expect(new Set(widths)).toEqual(new Set([digits + 3]));
    }
  });
  test("places for the integer part, a plus, nothing", () => {
    expect(formatNumber(1.5, { digits: 2, language: "en", integerDigits: 3 })).toBe("\u2007\u2007\u20071.50");
    expect(formatNumber(-123.456, { digits: 2, language: "en", integerDigits: 3 })).toBe("−123.46");
    expect(formatNumber(1.5, { digits: 2, language: "es", sign: "plus" })).toBe("+1,50");
    expect(formatNumber(1.5, { digits: 2, language: "en", sign: "none" })).toBe("1.50");
    expect(formatNumber(-1.5, { digits: 0, language: "en", sign: "none" })).toBe("−2");
  });
  test("what is printed can be typed", () => {
    for (const value of [0, 0.25, -1.5, 1000000, -0.000015, 12.125]) {
      for (const language of ["en", "es"]) {
        for (const digits of [3, 4]) {
          const rounded = Number(value.toFixed(digits));
          if (rounded === value) expect(readNumber(formatNumber(value, { digits, language }), ruleOf(language))).toBe(value);
        }
      }
    }
  });
  test("values that are not finite", () => {
    expect(formatNumber(-Infinity, english)).toBe("−∞");
    expect(formatNumber(Infinity, english)).toBe("\u2007∞");
    expect(formatNumber(NaN, english)).toBe("—");
  });
});
