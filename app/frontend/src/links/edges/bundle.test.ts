import { expect, test } from "vitest";

import { acrossFlow, alongFlow, dashPhase, depthOf, inkOf, nearestEdge, parameterAt, type Bundle } from "./bundle";

const bundle = (sources: number[], targets: number[], weights: number[], scale = 1): Bundle => ({
  flow: "right",
  start: 0,
  end: 100,
  sources: Float32Array.from(sources),
  targets: Float32Array.from(targets),
  weights: Float32Array.from(weights),
  scale,
});

test.each([0, 0.1, 0.37, 0.5, 0.9, 1])("the parameter where a curve has come %f along the flow", (progress) => {
  expect(alongFlow(parameterAt(progress))).toBeCloseTo(progress, 9);
});

test("few edges have the ink of an edge that stands alone", () => {
  const ink = inkOf(bundle([10, 30], [20, 40], [1, -2, 0.1, 0]));
  for (const weight of [1, -2, 0]) expect(1 - Math.exp(-depthOf(weight, ink))).toBeCloseTo(0.5, 9);
  expect(dashPhase(7, ink)).toBe(0);
});

test("of many the larger stand out, none is deeper than alone", () => {
  const weights = Array.from({ length: 10_000 }, (_, k) => (k === 0 ? 5 : 0.1));
  const places = Array.from({ length: 100 }, (_, k) => k);
  const ink = inkOf(bundle(places, places, weights));
  expect(depthOf(0.1, ink)).toBeLessThan(0.01);
  expect(depthOf(-0.2, ink)).toBeGreaterThan(2 * depthOf(0.1, ink));
  expect(depthOf(1e30, ink)).toBe(ink.alone);
  expect(depthOf(NaN, ink)).toBe(0);
  expect(dashPhase(7, ink)).toBeGreaterThan(0);
});

test("weights of zero alone are no ink, and no fault", () => {
  const ink = inkOf(bundle(Array<number>(100).fill(0), Array<number>(100).fill(0), Array<number>(10_000).fill(0)));
  expect(depthOf(0, ink)).toBe(0);
});

test("the nearest edge, by geometry", () => {
  const some = bundle([0, 100], [0, 100], [1, 1, 1, 1]);
  expect(nearestEdge(some, 50, 51, 4)).toEqual({ from: 1, to: 0 });
  expect(nearestEdge(some, 5, 2, 4)).toEqual({ from: 0, to: 1 });
  expect(nearestEdge(some, 5, 2, 4, (_, to) => to === 0)).toEqual({ from: 0, to: 0 });
  const t = parameterAt(0.25);
  expect(nearestEdge(some, 25, 100 * acrossFlow(t), 0.01)).toEqual({ from: 0, to: 1 });
  expect(nearestEdge(some, 50, 20, 4)).toBeNull();
  expect(nearestEdge(some, -1, 0, 4)).toBeNull();
});
