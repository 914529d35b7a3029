import { describe, expect, test } from "vitest";

import { placeOf, scaleOf, stepsOf, visibleRows, written } from "./sums";

test("steps go from 0 to the first term and on, each from where the last one ended", () => {
  expect(stepsOf([0.5, -1, 2])).toEqual([
    { from: 0, to: 0.5 },
    { from: 0.5, to: -1 },
    { from: -1, to: 2 },
  ]);
  expect(stepsOf([])).toEqual([]);
});

describe("the scale", () => {
  test.each([
    [[0.13, 0.3, -0.41, 0.76], -0.5, 1],
    [[1], -0.25, 1],
    [[0.5, -1.01], -2, 0.5],
    [[9], -4, 16],
    [[NaN, 0, -3], -4, 1],
    [[], -0.25, 0.25],
  ])("of %j goes from %d to %d", (sums, low, high) => expect(scaleOf(sums)).toEqual({ low, high }));

  test("beside an infinite sum a finite one has no length", () => {
    const scale = scaleOf([0.24, Infinity, Infinity]);
    expect([0, 0.24, -3e38].map((value) => placeOf(value, scale))).toEqual([0.5, 0.5, 0.5]);
    expect([-Infinity, Infinity].map((value) => placeOf(value, scale))).toEqual([0, 1]);
  });
  test("holds every value", () => {
    const scale = { low: -1, high: 3 };
    expect([-1, 0, 1, 3].map((value) => placeOf(value, scale))).toEqual([0, 0.25, 0.5, 1]);
    expect(placeOf(Infinity, scale)).toBe(1);
    expect(placeOf(NaN, scale)).toBe(0.25);
  });
});

test("a long sum is written with a gap", () => {
  expect(written(3, 6)).toEqual([0, 1, 2]);
  expect(written(40, 6)).toEqual([0, 1, null, 39]);
});

test("a scrolled list shows what is in view, and knows its ends", () => {
  expect(visibleRows(784, 20, 0, 200)).toEqual({ first: 0, end: 18 });
  expect(visibleRows(784, 20, 4000, 200)).toEqual({ first: 192, end: 218 });
  expect(visibleRows(784, 20, 784 * 20 - 200, 200).end).toBe(784);
});
