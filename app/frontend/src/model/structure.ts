import { layersNamed, outputName, outputsNamed, unusedInputName } from "./naming";
import type { Layer, StudioState } from "./types";

/**
 * Changes of shape. What was set stays: a new neuron, input or layer brings numbers of its own and touches no other;
 * where a removal or a move makes a matrix larger, the part that both shapes share is kept and `next` fills the rest.
 * `layer` counts from 0, the first layer after the inputs.
 */

/** Gives the numbers of what is new, one at a time: seeded draws, or zeros. */
export type Next = () => number;

/** A neuron at the end of a layer: its weights, its bias, then the weights that leave it. */
export function addNeuron(state: StudioState, layer: number, next: Next): StudioState {
  const grown = at(state, layer);
  const layers = state.layers.slice();
  layers[layer] = {
    ...grown,
    weights: grown.weights.map((row) => [...row, next()]),
    biases: [...grown.biases, next()],
    ...(grown.neuronNames && { neuronNames: [...grown.neuronNames, ""] }),
  };
  const after = layers[layer + 1];
  if (after) layers[layer + 1] = { ...after, weights: [...after.weights, after.biases.map(next)] };
  return named(state, layers);
}

/** Takes one neuron away with its weights, its bias and the weights that leave it. A layer's last neuron stays. */
export function removeNeuron(state: StudioState, layer: number, neuron: number): StudioState {
  const shrunk = at(state, layer);
  if (!(neuron in shrunk.biases)) throw new RangeError(`no neuron ${neuron} in layer ${layer}`);
  if (shrunk.biases.length === 1) throw new RangeError("a layer keeps at least one neuron");
  const layers = state.layers.slice();
  layers[layer] = {
    ...shrunk,
    weights: shrunk.weights.map((row) => without(row, neuron)),
    biases: without(shrunk.biases, neuron),
    ...(shrunk.neuronNames && { neuronNames: without(shrunk.neuronNames, neuron) }),
  };
  const after = layers[layer + 1];
  if (after) layers[layer + 1] = { ...after, weights: without(after.weights, neuron) };
  const outputNames = after ? state.outputNames : without(state.outputNames, neuron);
  return named({ ...state, outputNames }, layers);
}

/** An input of value 0, so that nothing moves yet, with weights of its own. */
export function addInput(state: StudioState, next: Next): StudioState {
  const first = at(state, 0);
  const layers = state.layers.slice();
  layers[0] = { ...first, weights: [...first.weights, first.biases.map(next)] };
  return {
    ...named(state, layers),
    inputs: [...state.inputs, 0],
    inputNames: [...state.inputNames, unusedInputName(state.inputNames)],
    inputRanges: [...state.inputRanges, state.inputRanges.at(-1) ?? [-3, 3]],
  };
}

/** Takes an input away with its weights. The last one stays. */
export function removeInput(state: StudioState, index: number): StudioState {
  if (!(index in state.inputs)) throw new RangeError(`no input ${index}`);
  if (state.inputs.length === 1) throw new RangeError("a network keeps at least one input");
  const first = at(state, 0);
  const layers = state.layers.slice();
  layers[0] = { ...first, weights: without(first.weights, index) };
  return {
    ...named(state, layers),
    inputs: without(state.inputs, index),
    inputNames: without(state.inputNames, index),
    inputRanges: without(state.inputRanges, index),
  };
}

/**
 * A layer before the one at `place` (or last, where `place` is their count), as wide as what goes into it, so every other
 * matrix stays as it is. The identity: ones on the diagonal, no bias, no activation; it changes no output.
 * A new last layer carries the outputs' names.
 */
export function addLayer(state: StudioState, place: number, next: Next | "identity", activation = "sigmoid"): StudioState {
  if (place < 0 || place > state.layers.length) throw new RangeError(`no place ${place} for a layer`);
  const width = widthBefore(state, place);
  const made: Layer =
    next === "identity"
      ? { name: "", activation: "identity", weights: matrix(width, width, (i, j) => Number(i === j)), biases: row(width, () => 0) }
      : { name: "", activation, weights: matrix(width, width, next), biases: row(width, next) };
  return named(state, [...state.layers.slice(0, place), made, ...state.layers.slice(place)]);
}

/** Takes a layer away. The one after it keeps the rows that fit; the last layer stays. */
export function removeLayer(state: StudioState, layer: number, next: Next): StudioState {
  at(state, layer);
  if (state.layers.length === 1) throw new RangeError("a network keeps at least one layer");
  return chained(state, without(state.layers, layer), next);
}

/** Exchanges a layer with the one after it. Weights keep the part that fits the new neighbours. */
export function moveLayer(state: StudioState, layer: number, next: Next): StudioState {
  const [first, second] = [at(state, layer), at(state, layer + 1)];
  const layers = state.layers.slice();
  layers[layer] = second;
  layers[layer + 1] = first;
  return chained(state, layers, next);
}

/** Numbers into new places, all of them: the same shapes, activations and names. */
export function withNumbers(state: StudioState, layers: readonly Pick<Layer, "weights" | "biases">[], seed: number): StudioState {
  return {
    ...state,
    seed,
    layers: state.layers.map((layer, k) => ({ ...layer, weights: layers[k]!.weights, biases: layers[k]!.biases })),
  };
}

/** Makes each layer's rows as many as the layer before has neurons. */
function chained(state: StudioState, layers: readonly Layer[], next: Next): StudioState {
  let width = state.inputs.length;
  const fitted = layers.map((layer) => {
    const columns = layer.biases.length;
    const weights =
      layer.weights.length === width
        ? layer.weights
        : Array.from({ length: width }, (_, i) => layer.weights[i] ?? row(columns, next));
    width = columns;
    return weights === layer.weights ? layer : { ...layer, weights };
  });
  return named(state, fitted);
}

/**
 * The state of other layers, its outputs and layers named by their places; its shapes are no preset's any more.
 * Names that a learner gave to a layer's neurons become the outputs' where that layer is the last by now.
 */
function named(state: StudioState, layers: readonly Layer[]): StudioState {
  const renamed = layersNamed(layers);
  const { neuronNames, ...last } = renamed.at(-1)!;
  if (neuronNames) renamed[renamed.length - 1] = last;
  const outputNames = last.biases.map((_, j) => neuronNames?.[j] || state.outputNames[j] || outputName(j));
  return { ...state, preset: null, layers: renamed, outputNames: outputsNamed(outputNames, outputNames.length) };
}

function at(state: StudioState, layer: number): Layer {
  const found = state.layers[layer];
  if (!found) throw new RangeError(`no layer ${layer}`);
  return found;
}

function widthBefore(state: StudioState, place: number): number {
  return place === 0 ? state.inputs.length : state.layers[place - 1]!.biases.length;
}

const row = (length: number, next: Next): number[] => Array.from({ length }, () => next());

function matrix(rows: number, columns: number, cell: (i: number, j: number) => number): number[][] {
  return Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => cell(i, j)));
}

const without = <T>(items: readonly T[], index: number): T[] => items.filter((_, k) => k !== index);
