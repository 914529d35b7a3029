import { describe, expect, test } from "vitest";

import { edgeEnds, edgePoint, nearestEdge } from "./edgeGeometry";
import { layoutDiagram } from "./layout";

const frame = { width: 800, height: 600, flow: "right" as const };
const rows = { width: 390, height: 600, flow: "down" as const };

test.each(["right", "down"] as const)("everything stands inside the frame, flow %s", (flow) => {
  const { centers, layers } = layoutDiagram([3, 2, 1], { ...frame, flow });
  for (const [layer, points] of centers.entries()) {
    for (const { x, y } of points) {
      expect(x).toBeGreaterThanOrEqual(layers[layer]!.radius);
      expect(x).toBeLessThanOrEqual(800 - layers[layer]!.radius);
      expect(y).toBeGreaterThanOrEqual(layers[layer]!.radius);
      expect(y).toBeLessThanOrEqual(600 - layers[layer]!.radius);
    }
  }
});

test("neurons never overlap, however many", () => {
  const { centers, layers } = layoutDiagram([32, 32, 32], frame);
  const [first, second] = centers[0]!;
  expect(second!.y - first!.y).toBeGreaterThanOrEqual(2 * layers[0]!.radius);
});

test("an edge is found where it is drawn, between neurons of two sizes too", () => {
  for (const sizes of [[3, 2, 1], [3, 12, 1]]) {
    const layout = layoutDiagram(sizes, frame);
    const [start, end] = edgeEnds(layout, 1, 2, 0);
    const point = edgePoint(layout, 1, 2, 0, 0.3);
    expect(start.x - layout.centers[0]![2]!.x).toBe(layout.layers[0]!.radius);
    expect(layout.centers[1]![0]!.x - end.x).toBe(layout.layers[1]!.radius);
    expect(point.x).toBeGreaterThan(start.x);
    expect(point.x).toBeLessThan(end.x);
    expect(nearestEdge(layout, point, 4)).toEqual({ layer: 1, from: 2, to: 0 });
    expect(nearestEdge(layout, { x: point.x, y: 0 }, 4)).toBeNull();
  }
});

test("the heads of the outer columns are not cut, however small the neurons", () => {
  const { heads } = layoutDiagram([3, 20, 1], frame);
  expect(heads[0]!.x).toBeGreaterThanOrEqual(60);
  expect(heads[2]!.x).toBeLessThanOrEqual(740);
});

describe("one crowded layer leaves the others as they are", () => {
  test.each([[[3, 40, 1]], [[1, 10, 1]], [[4, 8, 8, 3]]])("%s: inputs and outputs are named and numbered", (sizes) => {
    for (const each of [frame, rows]) {
      const { layers } = layoutDiagram(sizes, each);
      for (const layer of [layers[0]!, layers.at(-1)!]) {
        expect(layer.roomy || (layer.outer !== null && layer.outer !== "none")).toBe(true);
        expect(layer.radius).toBeGreaterThanOrEqual(21);
      }
    }
  });
  test("crowded inputs and outputs have both beside them, away from the network", () => {
    const { layers } = layoutDiagram([20, 4, 12], frame);
    expect(layers.map(({ outer }) => outer)).toEqual(["left", null, "right"]);
    expect(layoutDiagram([20, 4, 8], rows).layers.map(({ outer }) => outer)).toEqual(["turned", null, "below"]);
  });
  test("layers that are nearly alike are drawn alike", () => {
    const { layers } = layoutDiagram([4, 5, 3], frame);
    expect(new Set(layers.map(({ radius }) => radius)).size).toBe(1);
  });
});

test("neurons without names take the names' room", () => {
  const { layers } = layoutDiagram([3, 10, 1], frame);
  expect(layers[1]!.roomy).toBe(false);
  expect(layers[1]!.radius).toBe(20);
});

test("what is too small for names has a number where there is room for one", () => {
  const numbered = (sizes: number[]) => layoutDiagram(sizes, frame).layers.map((layer) => layer.numbered);
  expect(numbered([3, 10, 1])).toEqual([true, true, true]);
  expect(numbered([3, 10, 10, 10])).toEqual([true, true, true, true]);
  expect(numbered([3, 18, 1])).toEqual([true, false, true]);
});

test("bias tabs are there where none lies over the column before", () => {
  expect(layoutDiagram([3, 2, 1], frame).layers[1]!.tabs).toBe(true);
  const packed = layoutDiagram([2, 4, 4, 4, 4, 4, 1], frame).layers;
  expect(packed[1]!.roomy).toBe(true);
  expect(packed.map(({ tabs }) => tabs)).not.toContain(true);
});

test("on a large screen the network grows with it", () => {
  const [usual, large] = [layoutDiagram([3, 2, 1], frame), layoutDiagram([3, 2, 1], { ...frame, width: 1900, height: 1120 })];
  expect(usual.layers.map(({ radius }) => radius)).toEqual([40, 40, 40]);
  for (const [layer, { radius, pitch }] of large.layers.entries()) {
    expect(radius).toBeGreaterThan(65);
    expect(pitch).toBeGreaterThan(usual.layers[layer]!.pitch);
  }
  const ys = large.centers.flat().map(({ y }) => y);
  expect([Math.min(...ys) > 84 + 65, Math.max(...ys) < 1120 - 65 - 30]).toEqual([true, true]);
});

test("short names beside the outer columns leave the rest of the width to the network", () => {
  const narrow = { ...frame, width: 520, height: 455 };
  const [named, short] = [layoutDiagram([3, 4, 4, 4, 4, 3], narrow), layoutDiagram([3, 4, 4, 4, 4, 3], { ...narrow, names: [21, 21] })];
  expect(named.layers[0]!.outer).toBe("left");
  expect(short.room).toBeGreaterThan(1.4 * named.room);
  // None of what stands beside is cut.
  const [first, last] = [short.centers[0]![0]!.x, short.centers.at(-1)![0]!.x];
  for (const room of [first, 520 - last]) expect(room).toBeGreaterThanOrEqual(short.layers[0]!.radius + 8 + 21);
});
