import { expect, test } from "vitest";

import { layerIn, layerIndex } from "./numbering";
import { sizesOf } from "./sizes";
import type { Layer, StudioState } from "./types";

const layer = (name: string, n: number): Layer => ({ name, activation: "relu", weights: [Array<number>(n).fill(0)], biases: Array<number>(n).fill(0) });
const layers = [layer("hidden", 3), layer("output", 2)];

test("the diagram's number of a layer has that layer's size, and the inputs are none", () => {
  const sizes = sizesOf({ inputs: [0], layers } as unknown as StudioState);
  expect(sizes.map((size, k) => layerIn(layers, k)?.biases.length ?? size)).toEqual([1, 3, 2]);
  expect(layerIn(layers, 0)).toBeUndefined();
  expect(layerIn(layers, 3)).toBeUndefined();
  expect(layers[layerIndex(1)]).toBe(layers[0]);
});
