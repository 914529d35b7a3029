import { layerIn, layerIndex } from "./numbering";
import type { Layer, StudioState } from "./types";

/** Names that follow from a place, and names that a learner gives. */

export const LONGEST_NAME = 200;
const FROM_PLACE = /^(?:|hidden(?: \d+)?|output)$/;

/** Whether a layer's name says more than its place, as "0" of a sequence does not. */
export const isOwn = (name: string): boolean => !FROM_PLACE.test(name) && /\p{L}/u.test(name);

/** Layers whose names came from their places get the names of their new ones; a name of their own stays. */
export function layersNamed(layers: readonly Layer[]): Layer[] {
  const last = layers.length - 1;
  return layers.map((layer, k) => {
    if (!FROM_PLACE.test(layer.name)) return layer;
    const name = k === last ? "output" : last > 1 ? `hidden ${k + 1}` : "hidden";
    return name === layer.name ? layer : { ...layer, name };
  });
}

/** What an input and an output are called by their places. */
export const inputName = (place: number): string => `x${place + 1}`;
export const outputName = (place: number): string => `y${place + 1}`;

/** Names for this many inputs: x1, x2… */
export const inputsNamed = (count: number): string[] => Array.from({ length: count }, (_, i) => inputName(i));

/** Names for this many outputs: those that there are, then y2, y3…; a lone output is y, the first of several y1. */
export function outputsNamed(names: readonly string[], count: number): string[] {
  const all = Array.from({ length: count }, (_, j) => names[j] ?? outputName(j));
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
  if (layer === 0) return { ...state, inputNames: state.inputNames.with(neuron, name || inputName(neuron)) };
  const count = state.layers.length;
  if (layer === count) {
    const names = layerIn(state.layers, layer)!.biases.map((_, j) => state.outputNames[j] ?? outputName(j));
    return { ...state, outputNames: outputsNamed(names.with(neuron, name || outputName(neuron)), names.length) };
  }
  const layers = state.layers.slice();
  const named = layerIn(layers, layer)!;
  const { neuronNames = named.biases.map(() => "") } = named;
  layers[layerIndex(layer)] = { ...named, neuronNames: neuronNames.with(neuron, name) };
  return { ...state, layers };
}
