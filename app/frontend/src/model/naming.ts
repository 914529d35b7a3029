import type { Layer, StudioState } from "./types";

/** Names that follow from a place, and names that a learner gives. */

export const LONGEST_NAME = 200;
const FROM_PLACE = /^(?:|hidden(?: \d+)?|output)$/;

/** Layers whose names came from their places get the names of their new ones; a name of their own stays. */
export function layersNamed(layers: readonly Layer[]): Layer[] {
  const last = layers.length - 1;
  return layers.map((layer, k) => {
    if (!FROM_PLACE.test(layer.name)) return layer;
    const name = k === last ? "output" : last > 1 ? `hidden ${k + 1}` : "hidden";
    return name === layer.name ? layer : { ...layer, name };
  });
}

/** Names for this many outputs: those that there are, then y2, y3…; a lone output is y, the first of several y1. */
export function outputsNamed(names: readonly string[], count: number): string[] {
  const all = Array.from({ length: count }, (_, j) => names[j] ?? `y${j + 1}`);
  if (count === 1 && all[0] === "y1") all[0] = "y";
  if (count > 1 && all[0] === "y") all[0] = "y1";
  return all;
}

/** The first of x1, x2… from the end of the list on that no input carries. */
export function unusedInputName(names: readonly string[]): string {
  let number = names.length + 1;
  while (names.includes(`x${number}`)) number++;
  return `x${number}`;
}

/** What is kept of a name as it was typed: no line breaks, no empty ends, no more than 200 characters. */
export function tidyName(text: string): string {
  return [...text.replace(/\s+/g, " ").trim()].slice(0, LONGEST_NAME).join("").trim();
}

/** Renames a neuron; `layer` counts from 0, the inputs, here. An empty name gives back the one from its place. */
export function rename(state: StudioState, layer: number, neuron: number, text: string): StudioState {
  const name = tidyName(text);
  if (layer === 0) return { ...state, inputNames: state.inputNames.with(neuron, name || `x${neuron + 1}`) };
  const count = state.layers.length;
  if (layer === count) {
    const names = state.layers[layer - 1]!.biases.map((_, j) => state.outputNames[j] ?? `y${j + 1}`);
    return { ...state, outputNames: outputsNamed(names.with(neuron, name || `y${neuron + 1}`), names.length) };
  }
  const layers = state.layers.slice();
  const { biases, neuronNames = biases.map(() => "") } = layers[layer - 1]!;
  layers[layer - 1] = { ...layers[layer - 1]!, neuronNames: neuronNames.with(neuron, name) };
  return { ...state, layers };
}
