import { describe, expect, test } from "vitest";

import { rename } from "./naming";
import { parametersOf, sizesOf } from "./sizes";
import { addInput, addLayer, addNeuron, moveLayer, removeInput, removeLayer, removeNeuron } from "./structure";
import type { StudioState } from "./types";

const zeros = (): number => 0;

const state: StudioState = {
  preset: "multilayer",
  inputs: [1, 2, 3],
  inputNames: ["x1", "x2", "x3"],
  inputRanges: [
    [-3, 3],
    [-3, 3],
    [-3, 3],
  ],
  outputNames: ["y"],
  layers: [
    { name: "hidden", activation: "sigmoid", weights: [[11, 12], [21, 22], [31, 32]], biases: [1, 2] },
    { name: "output", activation: "tanh", weights: [[51], [61]], biases: [7] },
  ],
  seed: 0,
};

function counter(): () => number {
  let n = 100;
  return () => n++;
}

/** Each row as wide as its layer, as many rows as the layer before has neurons: what the server checks too. */
function fits(state: StudioState): void {
  let width = state.inputs.length;
  expect(state.inputNames).toHaveLength(width);
  expect(state.inputRanges).toHaveLength(width);
  for (const layer of state.layers) {
    expect(layer.weights).toHaveLength(width);
    width = layer.biases.length;
    for (const row of layer.weights) expect(row).toHaveLength(width);
    if (layer.neuronNames) expect(layer.neuronNames).toHaveLength(width);
  }
  expect(state.outputNames).toHaveLength(width);
}

describe("what is new changes nothing that is not its own", () => {
  test("a neuron", () => {
    const next = addNeuron(state, 0, counter());
    fits(next);
    expect(next.layers[0]).toMatchObject({ weights: [[11, 12, 100], [21, 22, 101], [31, 32, 102]], biases: [1, 2, 103] });
    expect(next.layers[1]).toMatchObject({ weights: [[51], [61], [104]], biases: [7] });
    expect(next.preset).toBeNull();
    expect(removeNeuron(next, 0, 2)).toEqual({ ...state, preset: null });
  });
  test("an output, which gets a name", () => {
    const next = addNeuron(state, 1, zeros);
    fits(next);
    expect(next.layers[0]).toBe(state.layers[0]);
    expect(next.outputNames).toEqual(["y1", "y2"]);
    expect(removeNeuron(next, 1, 1)).toEqual({ ...state, preset: null });
    expect(removeNeuron(next, 1, 0).outputNames).toEqual(["y2"]);
  });
  test("an input, worth nothing at first", () => {
    const next = addInput(state, counter());
    fits(next);
    expect(next.inputs).toEqual([1, 2, 3, 0]);
    expect(next.inputNames).toEqual(["x1", "x2", "x3", "x4"]);
    expect(next.layers[0]!.weights[3]).toEqual([100, 101]);
    expect(removeInput(next, 3)).toEqual({ ...state, preset: null });
    expect(removeInput(state, 0).inputNames).toEqual(["x2", "x3"]);
  });
  test.each([0, 1, 2])("a layer at place %d, drawn or the identity", (place) => {
    for (const kind of [counter(), "identity"] as const) {
      const next = addLayer(state, place, kind);
      fits(next);
      const rest = next.layers.filter((_, k) => k !== place);
      expect(rest.map(({ weights, biases, activation }) => ({ weights, biases, activation }))).toEqual(
        state.layers.map(({ weights, biases, activation }) => ({ weights, biases, activation })),
      );
      expect(next.layers.map(({ name }) => name)).toEqual(["hidden 1", "hidden 2", "output"]);
      expect(removeLayer(next, place, zeros)).toEqual({ ...state, preset: null });
    }
  });
  test("the identity is ones, no bias and no activation", () => {
    expect(addLayer(state, 1, "identity").layers[1]).toMatchObject({ weights: [[1, 0], [0, 1]], biases: [0, 0], activation: "identity" });
  });
});

describe("removals and moves keep what fits", () => {
  test("a layer away: the next one's rows are filled up", () => {
    const next = removeLayer(state, 0, counter());
    fits(next);
    expect(sizesOf(next)).toEqual([3, 1]);
    expect(next.layers[0]).toMatchObject({ weights: [[51], [61], [100]], biases: [7], activation: "tanh", name: "output" });
  });
  test("a layer past its neighbour", () => {
    const next = moveLayer(state, 0, counter());
    fits(next);
    expect(sizesOf(next)).toEqual([3, 1, 2]);
    expect(next.layers[0]).toMatchObject({ weights: [[51], [61], [100]], biases: [7], activation: "tanh", name: "hidden" });
    expect(next.layers[1]).toMatchObject({ weights: [[11, 12]], biases: [1, 2], activation: "sigmoid", name: "output" });
    expect(next.outputNames).toEqual(["y1", "y2"]);
  });
  test("given names go with their layer", () => {
    const named = rename(rename(state, 1, 1, "  slope "), 2, 0, "price");
    expect(named.layers[0]!.neuronNames).toEqual(["", "slope"]);
    expect(named.outputNames).toEqual(["price"]);
    expect(addNeuron(named, 0, zeros).layers[0]!.neuronNames).toEqual(["", "slope", ""]);
    const moved = moveLayer(named, 0, zeros);
    fits(moved);
    expect(moved.outputNames).toEqual(["price", "slope"]);
    expect(moved.layers[1]!.neuronNames).toBeUndefined();
    expect(rename(named, 2, 0, "  ").outputNames).toEqual(["y"]);
  });
  test("the last of anything stays", () => {
    expect(() => removeNeuron(state, 1, 0)).toThrow(RangeError);
    expect(() => removeLayer(removeLayer(state, 0, zeros), 0, zeros)).toThrow(RangeError);
    expect(() => moveLayer(state, 1, zeros)).toThrow(RangeError);
    expect(() => removeNeuron(state, 0, 5)).toThrow(RangeError);
  });
});

test("parameters are weights and biases", () => expect(parametersOf(state)).toBe(11));
