import { expect, test } from "vitest";

import { layersBefore } from "./motion";

test("a layer that came is new, the ones after it are the old ones", () => {
  expect(layersBefore([3, 2, 1], [3, 4, 2, 1], 1)).toEqual([0, null, 1, 2]);
});

test("between equal layers the selection tells which one is new", () => {
  expect(layersBefore([3, 2, 1], [3, 2, 2, 1], 2)).toEqual([0, 1, null, 2]);
  expect(layersBefore([3, 2, 1], [3, 2, 2, 1], 1)).toEqual([0, null, 1, 2]);
});

test("a layer that went leaves the others", () => {
  expect(layersBefore([3, 4, 2, 1], [3, 2, 1], 0)).toEqual([0, 2, 3]);
});

test("another network is new as a whole, the same number of layers is the same layers", () => {
  expect(layersBefore([3, 2, 1], [2, 8, 8, 8, 1], 1)).toEqual([null, null, null, null, null]);
  expect(layersBefore([3, 2, 1], [5, 7, 2, 1], 1)).toEqual([null, null, null, null]);
  expect(layersBefore([3, 2, 1], [3, 3, 1], 1)).toEqual([0, 1, 2]);
});
