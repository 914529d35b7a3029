import { expect, test } from "vitest";

import { cellText } from "./cellText";

test.each([
  [0.5, "float32", "0,5"],
  [-0.14679509, "float32", "\u22120,1468"],
  [2, "float32", "2"],
  [1e-7, "float32", "1,00e\u22127"],
  [1234567.5, "float32", "1,23e6"],
  [-1234567, "int64", "\u22121234567"],
  [255, "uint8", "255"],
  [2 ** 60, "int64", "1,15e18"],
  [Infinity, "float32", "\u221e"],
  [-Infinity, "float32", "\u2212\u221e"],
  [NaN, "float32", "nan"],
])("%d as %s is %s", (value, dtype, text) => {
  expect(cellText(value, dtype, "es")).toBe(text);
});
