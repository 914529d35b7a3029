import { expect, test } from "vitest";

import type { StudioState } from "../model/types";
import { highlighted } from "./highlight";
import { withQuantities } from "./quantities";

const state: StudioState = {
  preset: null,
  inputs: [0.5, 1e-7],
  inputNames: ["x1", "x2"],
  inputRanges: [[-3, 3], [-3, 3]],
  outputNames: ["y"],
  layers: [{ name: "a [1]", activation: "relu", weights: [[0.1], [-2]], biases: [3] }],
  seed: 0,
};
const numpy = "# 2 [9]\nfeatures = np.array([[0.5, 1e-07]], dtype=np.float32)\nW1 = np.array([[0.1], [-2.0]])\nB1 = np.array([3.0])\nz = max(0, 1)\n";
const json = '{"layers": [{"name": "a [1]", "weights": [[0.1], [-2.0]], "biases": [3.0]}], "inputs": [0.5, 1e-07], "return": "outputs"}';

test.each([
  ["numpy", numpy, false],
  ["json", json, true],
])("every number is found, and the text stays (%s)", (language, source, inputsLast) => {
  const pieces = withQuantities(highlighted(source, language), inputsLast, state);
  expect(pieces.map(({ text }) => text).join("")).toBe(source);
  const found = pieces.filter(({ part }) => part !== null).map(({ text, part }) => [text, part!.kind, part!.layer]);
  const inputs = [["0.5", "neuron", 0], ["1e-07", "neuron", 0]];
  const layer = [["0.1", "edge", 1], ["-2.0", "edge", 1], ["3.0", "bias", 1]];
  expect(found).toEqual(inputsLast ? [...layer, ...inputs] : [...inputs, ...layer]);
});

test.each([
  ["another value", { ...state, inputs: [0.5, 2e-7] }],
  ["a number more", { ...state, inputs: [0.5] }],
  ["a number less", { ...state, inputs: [0.5, 1e-7, 0] }],
])("a text of another network is left alone: %s", (_, other) => {
  const pieces = withQuantities(highlighted(numpy, "numpy"), false, other);
  expect(pieces.every(({ part }) => part === null)).toBe(true);
  expect(pieces.map(({ text }) => text).join("")).toBe(numpy);
});

test("where a seed draws the numbers, the tensors' names stand for them", () => {
  const source = "torch.manual_seed(7)\nfeatures = torch.randn((1, 2))\nW1 = torch.randn((2, 1))\nB1 = torch.randn((1, 1))\nh = W1\n";
  const pieces = withQuantities(highlighted(source, "pytorch"), false, state);
  expect(pieces.map(({ text }) => text).join("")).toBe(source);
  expect(pieces.flatMap(({ text, tensor }) => (tensor ? [[text, tensor.kind, tensor.layer]] : []))).toEqual([
    ["features", "neuron", 0],
    ["W1", "edge", 1],
    ["B1", "bias", 1],
  ]);
});
