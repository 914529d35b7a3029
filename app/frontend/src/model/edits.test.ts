import { describe, expect, test } from "vitest";

import { setActivation, setBias, setInput, setWeight } from "./edits";
import type { StudioState } from "./types";

const state: StudioState = {
  preset: null,
  inputs: [1, 2],
  inputNames: ["x1", "x2"],
  inputRanges: [
    [-3, 3],
    [-3, 3],
  ],
  outputNames: ["y"],
  layers: [
    { name: "hidden", activation: "sigmoid", weights: [[1, 2], [3, 4]], biases: [5, 6] },
    { name: "output", activation: "sigmoid", weights: [[7], [8]], biases: [9] },
  ],
  seed: 0,
};

describe("edits", () => {
  test("change one place and share the rest", () => {
    const next = setWeight(state, 0, 1, 0, -3);
    expect(next.layers[0]!.weights).toEqual([[1, 2], [-3, 4]]);
    expect(next.layers[0]!.weights[0]).toBe(state.layers[0]!.weights[0]);
    expect(next.layers[1]).toBe(state.layers[1]);
    expect(state.layers[0]!.weights[1]).toEqual([3, 4]);
  });
  test("inputs, biases and activations", () => {
    expect(setInput(state, 1, 0).inputs).toEqual([1, 0]);
    expect(setBias(state, 1, 0, 2).layers[1]!.biases).toEqual([2]);
    expect(setActivation(state, 0, "tanh").layers.map((layer) => layer.activation)).toEqual(["tanh", "sigmoid"]);
  });
  test("refuse a place that is not there", () => {
    expect(() => setInput(state, 2, 0)).toThrow(RangeError);
    expect(() => setWeight(state, 0, 5, 0, 0)).toThrow(RangeError);
  });
});
