import { expect, test } from "vitest";

import { hasNaN, sameNumbers } from "./values";

test("whether any number is none", () => {
  expect([undefined, Float32Array.of(), Float32Array.of(1, Infinity), Float32Array.of(1, NaN)].map(hasNaN)).toEqual([false, false, false, true]);
});

test.each([
  [[], [], true],
  [[1, NaN], [1, NaN], true],
  [[1, 2], [1, 3], false],
  [[1, NaN], [1, 2], false],
  [[1], [1, 2], false],
])("%j and %j", (one, other, same) => {
  expect(sameNumbers(Float32Array.from(one), Float32Array.from(other))).toBe(same);
});
