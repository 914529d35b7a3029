import { expect, test } from "vitest";

import { intensity } from "./scale";

test("every number has a place on the scale, and what is no number its middle", () => {
  expect([0, Infinity, -Infinity, NaN, 1e300, -1e300].map(intensity)).toEqual([0, 1, -1, 0, 1, -1]);
  expect(intensity(1)).toBeCloseTo(Math.SQRT1_2, 15);
});
