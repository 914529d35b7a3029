import { describe, expect, test } from "vitest";

import { leadOf, levelOf, zeroPath } from "./boundary";

describe("the zero line", () => {
  test("cuts a cell where the field changes its sign", () => {
    // −1 on the left, 3 on the right: a quarter along, from bottom to top.
    expect(zeroPath([-1, 3, -1, 3], 2)).toBe("M0.25 1L0.25 0");
    expect(zeroPath([-1, -1, 1, 1], 2)).toBe("M1 0.5L0 0.5");
  });
  test("is not where the field keeps its sign, or is not finite", () => {
    expect(zeroPath([1, 2, 3, 4], 2)).toBe("");
    expect(zeroPath([1, NaN, -3, 4], 2)).toBe("");
  });
  test("goes round both corners of a saddle", () => {
    expect(zeroPath([2, -1, -1, 2], 2).match(/M/g)).toHaveLength(2);
    // The middle is positive: the two negative corners are cut off, at the lower right and the upper left.
    expect(zeroPath([2, -1, -1, 2], 2)).toBe("M0.6667 1L1 0.6667M0.3333 0L0 0.3333");
  });
  test("is a straight line through a plane", () => {
    const steps = 5;
    const field = Array.from({ length: steps * steps }, (_, i) => (i % steps) + Math.floor(i / steps) - 3.5);
    for (const point of zeroPath(field, steps).matchAll(/[ML]([\d.]+) ([\d.]+)/g)) {
      expect(Number(point[1]) + 1 - Number(point[2])).toBeCloseTo(3.5 / 4, 3);
    }
  });
});

test("one output is ahead of its level, several of each other", () => {
  expect([...leadOf([Float32Array.of(0.25, 0.75)], 0, 0.5)]).toEqual([-0.25, 0.25]);
  const three = [Float32Array.of(1, 0), Float32Array.of(0.5, 2), Float32Array.of(0.25, 4)];
  expect([...leadOf(three, 0, 0.5)]).toEqual([0.5, -4]);
  expect([...leadOf(three, 2, 0.5)]).toEqual([-0.75, 2]);
});

test("the level is the middle of the range", () => {
  expect([levelOf([0, 1]), levelOf([-1, 1]), levelOf([0, null])]).toEqual([0.5, 0, 0]);
});
