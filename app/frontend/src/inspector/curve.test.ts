import { describe, expect, test } from "vitest";

import { heightOf, pathOf, plotOf, roundUp } from "./curve";

const frame = { left: 20, right: 220, top: 10, bottom: 110 };

test("the curve fills its frame: z from left to right, a from bottom to top", () => {
  const plot = plotOf(Float32Array.of(-6, 0, 6, 0.002, 0.5, 0.998), [0, 1], frame);
  expect([plot.x(-6), plot.x(0), plot.x(6)]).toEqual([20, 120, 220]);
  expect([plot.y(0), plot.y(0.5), plot.y(1)]).toEqual([110, 60, 10]);
  expect(plot.path).toBe("M20 109.8L120 60L220 10.2");
});

describe("the height", () => {
  test.each([
    ["a sigmoid", [0.002, 0.998], [0, 1], [0, 1]],
    ["tanh", [-0.9, 0.9], [-1, 1], [-1, 1]],
    ["relu", [0, 6], [0, null], [0, 6]],
    ["gelu", [-0.17, 6], [null, null], [-0.2, 6]],
    ["the identity", [-12, 12], [null, null], [-15, 15]],
    ["nothing at all", [0, 0], [null, null], [-1, 1]],
    ["what is not finite", [NaN, -Infinity, 3], [null, null], [0, 3]],
  ] as const)("of %s", (_, values, range, expected) => expect(heightOf(values, range)).toEqual(expected));
});

test("round numbers", () => {
  expect([0.17, 1, 1.2, 6, 6.3, 700].map(roundUp)).toEqual([0.2, 1, 1.5, 6, 8, 800]);
});

test("a curve is broken where it is not finite", () => {
  const same = (value: number): number => value;
  expect(pathOf([0, 1, 2, 3], [5, NaN, 6, 7], same, same)).toBe("M0 5M2 6L3 7");
});
