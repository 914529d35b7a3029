import { describe, expect, test } from "vitest";

import { formatNumber, parseNumber } from "./numbers";

describe("parseNumber", () => {
  test.each([
    ["0.5", 0.5],
    ["0,5", 0.5],
    [".5", 0.5],
    ["-,5", -0.5],
    ["1/3", 1 / 3],
    [" 1 / 4 ", 0.25],
    ["-2e-3", -0.002],
    ["−0.5", -0.5],
    ["+7", 7],
    ["1,5/3", 0.5],
  ])("reads %s", (text, value) => expect(parseNumber(text)).toBe(value));

  test.each(["", " ", "-", "1,000.5", "1.2.3", "1/0", "1/2/3", "1e999", "NaN", "Infinity", "0x10", "abc", "1/"])(
    "refuses %s",
    (text) => expect(parseNumber(text)).toBeNull(),
  );
});

describe("formatNumber", () => {
  const english = { digits: 4, language: "en" };

  test("one width for both signs", () => {
    expect(formatNumber(0.31708315, english)).toBe("\u20070.3171");
    expect(formatNumber(-0.31708315, english)).toBe("−0.3171");
  });
  test("the Spanish decimal mark", () => expect(formatNumber(-1.5, { digits: 2, language: "es" })).toBe("−1,50"));
  test("no minus on what rounds to zero", () => expect(formatNumber(-0.00001, english)).toBe("\u20070.0000"));
  test("large values", () => expect(formatNumber(-1234567.8, english)).toBe("−1.23e6"));
  test("values that are not finite", () => {
    expect(formatNumber(-Infinity, english)).toBe("−∞");
    expect(formatNumber(Infinity, english)).toBe("\u2007∞");
    expect(formatNumber(NaN, english)).toBe("—");
  });
});
