import { expect, test } from "vitest";

import type { Block } from "../blocks";
import type { LayerOutline, TensorOutline } from "../types";
import { countOf, placeOf, stopsOf, strideOf } from "./stops";

const tensor = (name: string, ...shape: number[]): TensorOutline => ({ name, shape, dtype: "float32" });
const layer = (index: number, kind: string, ...shape: number[]): LayerOutline => ({
  ...{ index, name: kind, kind, activation: "identity", module: null, source: null, takes: [], options: {}, parameters: [], preActivations: null },
  activations: tensor(`layers.${index}.activations`, ...shape),
});
const body = (own: LayerOutline): Block => ({ sort: "body", id: `layer${own.index}`, index: own.index + 1, tensor: own.activations, layer: own, takes: [] });
const input = (k: number, ...shape: number[]): Block => ({ sort: "body", id: `input${k}`, index: 0, tensor: tensor(`inputs.${k}`, ...shape), layer: null, takes: [] });

const BLOCKS = [input(0, 4), input(1, 3), body(layer(0, "conv2d", 2, 3, 3)), body(layer(1, "flatten", 18)), body(layer(2, "dense", 5))];

test("by layer every block is a step, and inputs are given together", () => {
  const stops = stopsOf(BLOCKS, "layer");
  expect(stops.map(({ start }) => start)).toEqual([0, 0, 1, 2, 3]);
  expect(countOf(stops)).toBe(4);
});

test("by cell every number is a step, but of what only moves", () => {
  const stops = stopsOf(BLOCKS, "cell");
  expect(countOf(stops)).toBe(1 + 18 + 1 + 5);
  expect(placeOf(stops, 0).cell).toBe(0);
  expect(placeOf(stops, 1)).toEqual({ stop: 2, cell: 0 });
  expect(placeOf(stops, 18)).toEqual({ stop: 2, cell: 17 });
  expect(placeOf(stops, 19)).toEqual({ stop: 3, cell: 0 });
  expect(placeOf(stops, 24)).toEqual({ stop: 4, cell: 4 });
});

test("a play reaches every block's last number, of any size in few steps", () => {
  for (const cells of [1, 5, 16, 17, 3136, 802_816]) {
    const stop = { block: BLOCKS[2]!, start: 0, cells };
    let [cell, steps] = [0, 1];
    while (cell < cells - 1) {
      cell += strideOf(stop, cell);
      steps++;
      expect(cell).toBeLessThan(cells);
    }
    expect(steps).toBeLessThan(170);
  }
});
