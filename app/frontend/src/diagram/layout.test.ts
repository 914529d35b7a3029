import { expect, test } from "vitest";

import { edgeEnds, edgePoint, layoutDiagram, nearestEdge } from "./layout";

const frame = { width: 800, height: 600, flow: "right" as const };

test.each(["right", "down"] as const)("everything stands inside the frame, flow %s", (flow) => {
  const layout = layoutDiagram([3, 2, 1], { ...frame, flow });
  for (const { x, y } of layout.centers.flat()) {
    expect(x).toBeGreaterThanOrEqual(layout.radius);
    expect(x).toBeLessThanOrEqual(800 - layout.radius);
    expect(y).toBeGreaterThanOrEqual(layout.radius);
    expect(y).toBeLessThanOrEqual(600 - layout.radius);
  }
});

test("neurons never overlap, however many", () => {
  const layout = layoutDiagram([32, 32, 32], frame);
  const [first, second] = layout.centers[0]!;
  expect(second!.y - first!.y).toBeGreaterThanOrEqual(2 * layout.radius);
});

test("an edge is found where it is drawn", () => {
  const layout = layoutDiagram([3, 2, 1], frame);
  const [start, end] = edgeEnds(layout, 1, 2, 0);
  const point = edgePoint(layout, 1, 2, 0, 0.3);
  expect(point.x).toBeGreaterThan(start.x);
  expect(point.x).toBeLessThan(end.x);
  expect(nearestEdge(layout, point, 4)).toEqual({ layer: 1, from: 2, to: 0 });
  expect(nearestEdge(layout, { x: point.x, y: 0 }, 4)).toBeNull();
});

test("the heads of the outer columns are not cut, however small the neurons", () => {
  const { heads } = layoutDiagram([3, 20, 1], frame);
  expect(heads[0]!.x).toBeGreaterThanOrEqual(60);
  expect(heads[2]!.x).toBeLessThanOrEqual(740);
});

test("neurons without names take the names' room", () => {
  const layout = layoutDiagram([3, 10, 1], frame);
  expect(layout.roomy).toBe(false);
  expect(layout.radius).toBe(20);
});

test("what is too small for names has a number where there is room for one", () => {
  expect(layoutDiagram([3, 10, 1], frame).numbered).toBe(true);
  expect(layoutDiagram([3, 10, 10, 10], frame).numbered).toBe(true);
  expect(layoutDiagram([3, 18, 1], frame).numbered).toBe(false);
  expect(layoutDiagram([3, 2, 1], frame).numbered).toBe(true);
});

test("bias tabs are there where none lies over the column before", () => {
  expect(layoutDiagram([3, 2, 1], frame).tabs).toBe(true);
  const packed = layoutDiagram([2, 4, 4, 4, 4, 4, 1], frame);
  expect(packed.roomy).toBe(true);
  expect(packed.tabs).toBe(false);
});
