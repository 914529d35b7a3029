import { expect, test } from "vitest";

import type { LayerOutline, Outline } from "../types";
import { costOf, curveSteps, planeSteps, stepsOn, trackSteps } from "./cost";

const layer = (kind: string, weights: number[] | null, shape: number[], takes: string): LayerOutline =>
  ({ kind, takes: [takes], parameters: weights ? [{ name: "layers.0.weights", shape: weights, dtype: "float32" }] : [], activations: { name: kind, shape, dtype: "float32" } }) as unknown as LayerOutline;

test("a pass costs what its products do", () => {
  const layers = [layer("conv2d", [8, 1, 3, 3], [8, 8, 8], "inputs"), layer("flatten", null, [512], "conv2d"), layer("dense", [512, 10], [10], "flatten")];
  const outline = { inputs: [{ name: "inputs", shape: [1, 8, 8], dtype: "float32" }], layers } as unknown as Outline;
  expect(costOf(outline)).toBe(512 * 9 + 512 * 4 + 5120);
});

test("as fine as there is room for, and not at all where that would be coarse", () => {
  expect(trackSteps(1000, 10, 8)).toBe(49);
  expect(trackSteps(300_000, 10, 8)).toBe(25);
  expect(trackSteps(2_000_000_000, 1000, 1)).toBe(0);
  expect(curveSteps(1000, 10)).toBe(97);
  expect(planeSteps(1000, 10)).toBe(40);
  expect(planeSteps(1_000_000, 10)).toBe(12);
  expect(planeSteps(10_000_000, 10)).toBe(0);
});

test("whole numbers are each met, or so many of them as part their way evenly", () => {
  expect(stepsOn([], 49)).toBe(49);
  expect(stepsOn([10], 49)).toBe(11);
  expect(stepsOn([1], 49)).toBe(2);
  expect(stepsOn([50_256], 49)).toBe(49);
  expect(stepsOn([59], 49)).toBe(0);
  expect(stepsOn([10, 8], 40)).toBe(0);
  expect(stepsOn([16, 8], 40)).toBe(9);
  expect(stepsOn([10], 0)).toBe(0);
});
