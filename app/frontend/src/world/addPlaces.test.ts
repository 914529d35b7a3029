import { expect, test } from "vitest";

import { branchPlaces } from "./addPlaces";
import type { Layout, PlacedBlock } from "./place";
import type { LayerOutline, Outline, TensorOutline } from "./types";

const tensor = (index: number): TensorOutline => ({ name: `layers.${index}.activations`, shape: [4], dtype: "float32" });

/** A first layer that so many others take, one above the other, each far from the next. */
function fan(count: number): { layout: Layout; outline: Outline } {
  const layers = Array.from({ length: count + 1 }, (_, index): LayerOutline => ({
    ...{ index, name: "", kind: "tanh", activation: "identity", module: null, source: null, options: {}, parameters: [], preActivations: null },
    takes: [index === 0 ? "inputs" : "layers.0.activations"],
    activations: tensor(index),
  }));
  const blocks = layers.map((layer): PlacedBlock => {
    const k = layer.index;
    const block = { sort: "body" as const, id: `layer${k}`, index: k + 1, tensor: layer.activations, layer, takes: k === 0 ? [] : ["layer0"] };
    return { block, rank: Math.min(1, k), box: { x: k === 0 ? 0 : 400, y: 100 * k, width: 40, height: 40 }, room: 40, told: 0, foot: 0 };
  });
  const layout = { blocks, bodies: [], columns: [], groups: [], head: 60, width: 440, height: 100 * (count + 2) } as unknown as Layout;
  return { layout, outline: { inputs: [], layers } as unknown as Outline };
}

const placesOf = (count: number): number => {
  const { layout, outline } = fan(count);
  return [...branchPlaces(layout, outline, (name) => name).values()].flat().length;
};

test("each line to one of several has a button, so long as there are no more lines than can be kept clear of one another", () => {
  expect(placesOf(3)).toBe(3);
  expect(placesOf(300)).toBeGreaterThan(200);
  expect(placesOf(301)).toBe(0);
});
