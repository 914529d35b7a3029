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
    [-0.00001, 4, "−1.00e−5"],
    [-0.00004, 4, "−4.00e−5"],
    [-0.00006, 4, "−0.0001"],
    [-0.004, 2, "−4e−3"],
    [1.5e-12, 4, "\u20071.50e−12"],
    [8e-10, 4, "\u20078.00e−10"],
    [5e-324, 2, "\u20075e−324"],
  ])("%d is small, not zero", (value, digits, text) => expect(formatNumber(value, { digits, language: "en" })).toBe(text));
  test.each([
    [-1234567.8, "−1.23e6"],
    [99999.99999, "\u20071.00e5"],
    [99999.4, "\u200799999.4000"],
    [123456.7, "\u20071.23e5"],
    [1e6, "\u20071.00e6"],
    [-1.2e11, "−1.20e11"],
    [9.999e9, "\u20071.00e10"],
    [3.4e38, "\u20073.40e38"],
  ])("%d is large, and has two digits after the mark whatever its power", (value, text) =>
    expect(formatNumber(value, english)).toBe(text));
  test("one width for everything below ten, and never more than two beside it", () => {
    for (const digits of [3, 4, 5, 6, 7, 8]) {
      const plain = [0, 1, -1, 0.5, -9.75].map((value) => formatNumber(value, { digits, language: "es" }).length);
      expect(new Set(plain)).toEqual(new Set([digits + 3]));
      for (const value of [1e-9, -3e-9, 2e7, -4.5e12, 1e38, 1e-38]) {
        const { length } = formatNumber(value, { digits, language: "es" });
        expect(length).toBeGreaterThanOrEqual(digits + 3);
        expect(length).toBeLessThanOrEqual(digits + 5);
      }
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
