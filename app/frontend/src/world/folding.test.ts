import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Folding } from "./folding.svelte";
import type { Standing } from "./place";
import type { LayerOutline, Outline } from "./types";
import { watchesOf } from "./watching";

/** Two modules of two layers each, whose numbers are too many to be told all. */
function outlineOf(): Outline {
  const tensor = (name: string): LayerOutline["activations"] => ({ name, shape: [64, 56, 56], dtype: "float32" });
  const layers = ["a.0", "a.1", "b.0", "b.1"].map((module, index): LayerOutline => ({
    ...{ index, name: module, kind: "relu", activation: "identity", module, source: null, options: {}, parameters: [], preActivations: null },
    takes: [index === 0 ? "inputs" : `layers.${index - 1}.activations`],
    activations: tensor(`layers.${index}.activations`),
  }));
  return { id: "x", inputs: [tensor("inputs")], layers, outputs: ["layers.3.activations"], parameters: 0, buffers: 0, batch: null, dtype: "float32" } as unknown as Outline;
}

const names = (bodies: readonly Standing[]): string[] => bodies.map(({ tensor }) => tensor.name);

function foldingOf(areTold: (body: Standing) => boolean): Folding {
  const given = {
    outline: outlineOf(),
    frame: { width: 1000, height: 600, scale: 1, narrow: false },
    ...{ opened: new Map(), largest: new Set<string>(), following: { widths: () => [] }, areTold },
    sight: { window: { x: 0, y: 0, width: 1000, height: 600 }, measured: true, near: [] as readonly Standing[] },
  };
  const folding = new Folding(given as unknown as ConstructorParameters<typeof Folding>[0]);
  given.sight.near = folding.arranged.layout.bodies;
  return folding;
}

beforeEach(() => void vi.stubGlobal("window", globalThis));
afterEach(() => void vi.unstubAllGlobals());

test("what a card opens into is told once the card is pointed at, and no longer than that", () => {
  const folding = foldingOf(() => true);
  const told = (): string[] => watchesOf(outlineOf(), folding.near, folding.ahead).map((watch) => (watch.kind === "tensor" ? watch.tensor : ""));
  expect(told()).toEqual(["inputs", "layers.3.activations"]);
  folding.pointed = folding.arranged.layout.cards[0]!.block.id;
  // After all that is on screen and the outputs: of a list that is too long the server has the last left out.
  expect(told()).toEqual(["inputs", "layers.3.activations", "layers.0.activations", "layers.1.activations"]);
  folding.pointed = null;
  expect(told()).toEqual(["inputs", "layers.3.activations"]);
});

test("a card that was pointed at opens at once, and is not asked for again", async () => {
  const folding = foldingOf(() => true);
  const card = folding.arranged.layout.cards[0]!.block.id;
  folding.pointed = card;
  await folding.fold([card], true);
  expect(names(folding.arranged.layout.bodies)).toEqual(["inputs", "layers.0.activations", "layers.1.activations"]);
  expect(folding.pointed).toBeNull();
});

test("a card whose numbers are not there stays until they are told", async () => {
  let there = false;
  const folding = foldingOf(() => there);
  const opened = folding.fold([folding.arranged.layout.cards[0]!.block.id], true);
  expect(names(folding.arranged.layout.bodies)).toEqual(["inputs"]);
  there = true;
  folding.told();
  await opened;
  expect(names(folding.arranged.layout.bodies)).toHaveLength(3);
});
