import { expect, test } from "vitest";

import { placeIn, rangeOf } from "./ownRange";

test("the range is of what is finite, and knows where its ends stand", () => {
  expect(rangeOf([0.4, NaN, 0.2, Infinity, 0.9])).toEqual({ low: 0.2, high: 0.9, lowAt: 2, highAt: 4 });
  expect(rangeOf([NaN, Infinity])).toBeNull();
});

test("outputs of a sigmoid take the whole scale of their own colour", () => {
  const range = { low: 0.31, high: 0.35 };
  expect(placeIn(0.31, range)).toBe(0);
  expect(placeIn(0.33, range)).toBeCloseTo(0.5);
  expect(placeIn(0.35, range)).toBe(1);
});

test("what is negative is never blue, and zero is paper where the range goes through it", () => {
  expect(placeIn(-0.2, { low: -0.8, high: -0.2 })).toBeCloseTo(0);
  expect(placeIn(-0.8, { low: -0.8, high: -0.2 })).toBe(-1);
  expect([-0.5, 0, 2].map((value) => placeIn(value, { low: -0.5, high: 2 }))).toEqual([-0.25, 0, 1]);
});

test("one value alone is half way, what is infinite stands at the end", () => {
  expect(placeIn(0.3, { low: 0.3, high: 0.3 })).toBe(0.5);
  expect(placeIn(-0.3, { low: -0.3, high: -0.3 })).toBe(-0.5);
  expect(placeIn(0, { low: 0, high: 0 })).toBe(0);
  expect(placeIn(Infinity, { low: 0, high: 2 })).toBe(1);
});
