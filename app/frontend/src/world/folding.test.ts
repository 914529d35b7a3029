import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Folding } from "./folding.svelte";
import type { Standing } from "./place";
import type { LayerOutline, Outline } from "./types";
import type { WorldWatch } from "./watching";

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

/** What is watched beside what is on screen. */
const sources = new Set<() => readonly WorldWatch[]>();
const toldAhead = (): string[] => [...sources].flatMap((source) => source().map((watch) => (watch.kind === "tensor" ? watch.tensor : "")));

function foldingOf(areTold: (body: Standing) => boolean): Folding {
  const given = {
    outline: outlineOf(),
    frame: { width: 1000, height: 600, scale: 1, narrow: false },
    ...{ opened: new Map(), largest: new Set<string>(), following: { widths: () => [] }, areTold },
    wire: { watch: (watches: () => readonly WorldWatch[]) => (sources.add(watches), () => void sources.delete(watches)) },
    sight: { window: { x: 0, y: 0, width: 1000, height: 600 }, measured: true, near: [] as readonly Standing[] },
  };
  const folding = new Folding(given as unknown as ConstructorParameters<typeof Folding>[0]);
  given.sight.near = folding.arranged.layout.bodies;
  return folding;
}

beforeEach(() => {
  sources.clear();
  vi.stubGlobal("window", globalThis);
});
afterEach(() => void vi.unstubAllGlobals());

test("what a card opens into is told beside what is on screen while the card is pointed at", () => {
  const folding = foldingOf(() => true);
  const [first, second] = folding.arranged.layout.cards.map(({ block }) => block.id);
  folding.point(first!);
  expect(toldAhead()).toEqual(["layers.0.activations", "layers.1.activations"]);
  expect(names(folding.near)).toEqual(["inputs"]);
  folding.point(second!);
  expect(toldAhead()).toEqual(["layers.2.activations", "layers.3.activations"]);
  // The pointer has gone on by then.
  expect(folding.letGo(first)).toBe(false);
  expect(toldAhead()).toHaveLength(2);
  expect(folding.letGo(second)).toBe(true);
  expect(toldAhead()).toEqual([]);
});

test("what the server will not watch is told no longer, and nobody else is to hear of it", () => {
  const folding = foldingOf(() => true);
  expect(folding.letGo()).toBe(false);
  folding.point(folding.arranged.layout.cards[0]!.block.id);
  expect(folding.letGo()).toBe(true);
  expect(sources.size).toBe(0);
});

test("a card that was pointed at opens at once, and is not asked for again", async () => {
  const folding = foldingOf(() => true);
  const card = folding.arranged.layout.cards[0]!.block.id;
  folding.point(card);
  await folding.fold([card], true);
  expect(names(folding.arranged.layout.bodies)).toEqual(["inputs", "layers.0.activations", "layers.1.activations"]);
  expect(sources.size).toBe(0);
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
