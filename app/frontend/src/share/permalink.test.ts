import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";

import { addLayer, addNeuron } from "../model/structure";
import { generator } from "../model/testing";
import type { StudioState } from "../model/types";
import { decodeScene, encodeScene, isLinkable } from "./permalink";
import { sceneOf, type Scene } from "./scene";

const state: StudioState = {
  preset: "multilayer",
  inputs: [-0.14679509, 1 / 3, 5e-324],
  inputNames: ["x1", "x2", "edad «é»"],
  inputRanges: [[-3, 3], [-0.5, 1.5], [-3, 3]],
  outputNames: ["y"],
  layers: [
    { name: "hidden", activation: "sigmoid", weights: [[0.1, 1e-30], [3.4e38, -2], [5, 0]], biases: [1, 2], neuronNames: ["", "b"] },
    { name: "output", activation: "tanh", weights: [[7.000000001], [8]], biases: [9] },
  ],
  seed: 7,
};

const fragmentOf = (document: unknown): string => `v1.${deflateRawSync(JSON.stringify(document)).toString("base64url")}`;

describe("a link", () => {
  test("brings back every digit and name", async () => {
    const fragment = await encodeScene(sceneOf(state));
    expect(fragment).toMatch(/^v1\.[\w-]+$/);
    expect(await decodeScene(fragment)).toEqual(sceneOf(state));
  });
  test("of random networks too", async () => {
    const random = generator(1);
    let next = state;
    for (let k = 0; k < 40; k++) {
      next = k % 7 === 3 ? addLayer(next, k % (next.layers.length + 1), random) : addNeuron(next, k % next.layers.length, () => (random() - 0.5) * 10 ** (k - 20));
      expect(await decodeScene(await encodeScene(sceneOf(next)))).toEqual(sceneOf(next));
    }
  });
  test("brings back what is selected and what is pinned", async () => {
    const pinned = addNeuron(state, 0, () => 0.1);
    const selections: Scene["selection"][] = [null, { kind: "neuron", layer: 2, neuron: 0 }, { kind: "edge", layer: 1, from: 2, to: 1 }];
    for (const selection of selections) {
      const scene: Scene = { state, selection, pinned };
      expect(await decodeScene(await encodeScene(scene))).toEqual(scene);
      const layers = (id: string): Promise<unknown> => Promise.resolve(id === "here" ? state.layers : pinned.layers);
      expect(await decodeScene(await encodeScene(scene, { state: "here", pinned: "there" }), layers)).toEqual(scene);
    }
  });
  test("without a selection, or with one that is not there, opens with the first", async () => {
    const good = { i: [1], l: [{ n: "", a: "relu", w: [1, 2], b: [0, 0] }] };
    for (const q of [undefined, "1.2", "2.0", "1.1.0", "0.0.0", "x", 7]) {
      expect((await decodeScene(fragmentOf({ ...good, q })))!.selection).toEqual({ kind: "neuron", layer: 1, neuron: 0 });
    }
  });
  test("a few thousand numbers fit", async () => {
    const random = generator(2);
    const wide = Array.from({ length: 32 }, () => Array.from({ length: 32 }, () => Math.fround(random() * 2 - 1)));
    const layer = { name: "", activation: "relu", weights: wide, biases: Array.from({ length: 32 }, () => 0) };
    const inputs = Array.from({ length: 32 }, () => 1);
    const names = inputs.map((_, i) => `x${i + 1}`);
    const big: StudioState = {
      preset: null,
      inputs,
      inputNames: names,
      inputRanges: inputs.map(() => [-3, 3]),
      outputNames: names,
      layers: [layer, layer, layer, layer, layer],
      seed: 0,
    };
    expect(isLinkable(sceneOf(big))).toBe(true);
    const fragment = await encodeScene(sceneOf(big));
    expect(await decodeScene(fragment)).toEqual(sceneOf(big));
    const withId = await encodeScene(sceneOf(big), { state: "abc" });
    expect(withId.length).toBeLessThan(1000);
    expect(await decodeScene(withId, (id) => Promise.resolve(id === "abc" ? big.layers : null))).toEqual(sceneOf(big));
    expect(await decodeScene(withId)).toBeNull();
  });
});

describe("what is no link is refused", () => {
  const good = { i: [1], l: [{ n: "", a: "relu", w: [1, 2], b: [0, 0] }] };
  test("the smallest one is read", async () => expect(await decodeScene(fragmentOf(good))).not.toBeNull());
  test.each([
    ["nothing", ""],
    ["another version", "v2.AAAA"],
    ["no base64", "v1.§§"],
    ["no deflate", "v1.AAAAAAAA"],
    ["no JSON", `v1.${deflateRawSync("{").toString("base64url")}`],
    ["a shape that does not fit", fragmentOf({ ...good, i: [1, 2] })],
    ["a number too large for float32", fragmentOf({ ...good, i: [1e39] })],
    ["a text for a number", fragmentOf({ ...good, i: ["1"] })],
    ["an activation with markup", fragmentOf({ i: [1], l: [{ n: "", a: "<b>", w: [1], b: [0] }] })],
    ["no layers", fragmentOf({ i: [1], l: [] })],
    ["names too few", fragmentOf({ ...good, n: [] })],
    ["a bomb", fragmentOf({ ...good, x: "a".repeat(3_000_000) })],
  ])("%s", async (_, fragment) => expect(await decodeScene(fragment)).toBeNull());
});
