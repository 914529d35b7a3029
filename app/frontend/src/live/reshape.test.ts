import { expect, test } from "vitest";

import { layerDocuments, type LayerDocument } from "../model/document";
import { addInput, addLayer, addNeuron, moveLayer, removeInput, removeLayer, removeNeuron } from "../model/structure";
import type { StudioState } from "../model/types";
import { applied } from "./difference";
import type { KeptLayer, Opening, Reshape } from "./protocol";
import { reshape } from "./reshape";

let drawn = 0;
/** A number that no other place has. */
const next = (): number => ++drawn + 0.5;

function network(sizes: readonly number[]): StudioState {
  const layers = sizes.slice(1).map((size, k) => ({
    name: "",
    activation: "tanh",
    weights: Array.from({ length: sizes[k]! }, () => Array.from({ length: size }, next)),
    biases: Array.from({ length: size }, next),
  }));
  const inputs = Array.from({ length: sizes[0]! }, next);
  return { preset: null, inputs, inputNames: inputs.map((_, i) => `x${i + 1}`), inputRanges: inputs.map(() => [-3, 3]), outputNames: ["y"], layers, seed: 0 };
}

const opening = ({ layers, inputs }: StudioState): Opening => ({ layers: layerDocuments(layers), inputs });

/** What the server makes of it. */
function made(before: Opening, { layers, inputs, changes = [] }: Reshape): Opening {
  const found = layers.map((layer) => ("from" in layer ? reshaped(before.layers[layer.from]!, layer) : layer));
  return changes.reduce(applied, { layers: found, inputs });
}

function reshaped(old: LayerDocument, layer: KeptLayer): LayerDocument {
  const rows = layer.rows ?? [...old.weights.keys()];
  const columns = layer.columns ?? [...old.biases.keys()];
  const weights = [...(layer.weights ?? [])];
  const biases = [...(layer.biases ?? [])];
  return {
    name: old.name,
    activation: layer.activation ?? old.activation,
    weights: rows.map((i) => columns.map((j) => (i === null || j === null ? weights.shift()! : old.weights[i]![j]!))),
    biases: columns.map((j) => (j === null ? biases.shift()! : old.biases[j]!)),
  };
}

const state = network([20, 30, 30, 5]);
const grown = addNeuron(state, 1, next);
const STEPS: [string, StudioState, StudioState][] = [
  ["a neuron is added", state, grown],
  ["that is undone", grown, state],
  ["a neuron in the middle goes", state, removeNeuron(state, 1, 7)],
  ["it comes back", removeNeuron(state, 1, 7), state],
  ["an output is added", state, addNeuron(state, 2, next)],
  ["an input is added", state, addInput(state, next)],
  ["an input in the middle goes", state, removeInput(state, 4)],
  ["a layer that changes nothing is added", state, addLayer(state, 3, "identity")],
  ["a layer goes", addLayer(state, 3, "identity"), state],
  ["the last layer goes", state, removeLayer(state, 2, next)],
  ["two layers change places", state, moveLayer(state, 0, next)],
  ["two neurons more and another number", state, addNeuron({ ...grown, layers: grown.layers.with(2, { ...grown.layers[2]!, biases: [9, 9, 9, 9, 9] }) }, 0, next)],
];

test.each(STEPS)("what is sent when %s is a part of the network, and makes the very same", (_, from, to) => {
  const found = reshape(opening(from), opening(to));
  expect(found).not.toBeNull();
  const after = made(opening(from), found!);
  expect(after.inputs).toEqual(to.inputs);
  expect(after.layers.map(({ weights, biases, activation }) => ({ weights, biases, activation }))).toEqual(
    to.layers.map(({ weights, biases, activation }) => ({ weights, biases, activation })),
  );
  expect(JSON.stringify(found).length).toBeLessThan(0.65 * JSON.stringify(opening(to)).length);
});

test("one neuron more is told by its own numbers", () => {
  const found = reshape(opening(state), opening(grown))!;
  expect(found.layers[0]).toEqual({ from: 0 });
  expect((found.layers[1] as KeptLayer).weights).toHaveLength(30);
  expect((found.layers[2] as KeptLayer).weights).toHaveLength(5);
  expect(found.changes).toBeUndefined();
});

test("networks of zeros, where nothing tells neurons apart, are made right all the same", () => {
  const zero = addNeuron(addLayer(network([2, 2]), 1, () => 0), 1, () => 0);
  const fewer = removeNeuron(addNeuron(zero, 1, () => 0), 1, 0);
  const found = reshape(opening(zero), opening(fewer));
  if (found) expect(made(opening(zero), found).layers.map(({ weights }) => weights)).toEqual(fewer.layers.map(({ weights }) => weights));
});

test("another network is sent whole", () => expect(reshape(opening(network([3, 4, 1])), opening(network([9, 9, 2])))).toBeNull());
