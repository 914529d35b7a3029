import { expect, test } from "vitest";

import type { StudioState } from "../model/types";
import { DENSE } from "../live/dense";
import { layerDocuments } from "../model/document";
import type { Kept } from "../studio/storage";
import { autosave, autosaved } from "./autosave";
import { baseOf, checkedBase, keptFor, remember } from "./base";
import { sceneOf } from "./scene";
import { keptAs } from "./stored";

const opened = (): StudioState => ({
  preset: null,
  inputs: [1, 2],
  inputNames: ["x1", "x2"],
  inputRanges: [[-3, 3], [-3, 3]],
  outputNames: ["y"],
  layers: [{ name: "", activation: "tanh", weights: [[2, 3], [4, 5]], biases: [1, 0] }, { name: "", activation: "relu", weights: [[1], [-1]], biases: [0.5] }],
  seed: 0,
});

/** Its first weight is another, and the function of its last layer. */
function edited(state: StudioState): StudioState {
  const [first, last] = state.layers as [StudioState["layers"][0], StudioState["layers"][0]];
  return { ...state, layers: [{ ...first, weights: [[0.25, 3], first.weights[1]!] }, { ...last, activation: "gelu" }] };
}

class Memory implements Kept {
  readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  removeItem = (key: string): void => void this.items.delete(key);
  setItem = (key: string, value: string): void => void this.items.set(key, value);
}

test("what was made of a kept network is opened by that and what is different, after a new visit too", () => {
  const origin = opened();
  keptAs.set(origin.layers, "abc");
  const state = edited(origin);
  const storage = new Memory();
  autosave(storage, sceneOf(state), "", baseOf(state, origin));
  const { scene, base } = autosaved(storage)!;
  expect(keptFor(scene.state, scene.state)).toBeNull();
  remember(scene.state.layers, base);
  for (const later of [scene.state, edited(scene.state)]) {
    const kept = keptFor(later, scene.state)!;
    expect(kept).toEqual({ id: "abc", layers: layerDocuments(origin.layers) });
    const opening = { kept, layers: layerDocuments(later.layers), inputs: later.inputs };
    const { command, told } = DENSE.named(opening)!;
    expect(command).toEqual({ network: "abc", inputs: [1, 2] });
    expect(DENSE.difference(told, opening)).toEqual([
      { layer: 0, weight: [0, 0], value: 0.25 },
      { layer: 1, activation: "gelu" },
    ]);
    // And of what this visit leaves the next one knows as much.
    expect(baseOf(later, scene.state)).toEqual(base);
  }
});

test("of another shape, and of a network that is not kept, nothing is remembered", () => {
  const origin = opened();
  expect(baseOf(edited(origin), origin)).toBeNull();
  keptAs.set(origin.layers, "abc");
  expect(baseOf({ ...origin, layers: origin.layers.slice(0, 1) }, origin)).toBeNull();
});

test.each([
  null,
  {},
  { id: 1, changes: [] },
  { id: "abc", changes: [null] },
  { id: "abc", changes: [{ layer: 2, bias: 0, value: 1 }] },
  { id: "abc", changes: [{ layer: 0, bias: 2, value: 1 }] },
  { id: "abc", changes: [{ layer: 0, weight: [0, 2], value: 1 }] },
  { id: "abc", changes: [{ layer: 0, weight: [0, 0], value: "1" }] },
  { id: "abc", changes: [{ layer: 0, activation: 1 }] },
])("a base that says nothing of these layers is none: %j", (value) => {
  expect(checkedBase(value, opened().layers)).toBeNull();
});
