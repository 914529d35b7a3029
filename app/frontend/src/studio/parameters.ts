import { inputRange, parameterRange } from "./ranges";
import type { Part } from "./selection";
import type { Studio } from "./studio.svelte";

/** A number that the learner sets: an input's value, a weight or a bias. */
export interface Parameter {
  name: string;
  value: number;
  range: [number, number];
  set: (value: number) => void;
}

/** The number that a part holds; null for a neuron after the inputs, whose value is computed. */
export function parameterOf(studio: Studio, part: Part): Parameter | null {
  if (part.kind === "edge") {
    const { layer, from, to } = part;
    const value = studio.weight(layer, from, to);
    const name = studio.t("studio.weight-name", { name: studio.spokenSymbol(studio.symbols(layer).weight(from, to)) });
    return { name, value, range: parameterRange(value), set: (next) => studio.setWeight(layer, from, to, next) };
  }
  const { layer, neuron } = part;
  if (part.kind === "bias") {
    const value = studio.bias(layer, neuron);
    const name = studio.t("studio.bias-name", { name: studio.spokenSymbol(studio.symbols(layer).bias(neuron)) });
    return { name, value, range: parameterRange(value), set: (next) => studio.setBias(layer, neuron, next) };
  }
  if (layer > 0) return null;
  const value = studio.state.inputs[neuron]!;
  const range = inputRange(studio.state.inputRanges[neuron], value);
  return { name: studio.names[0]![neuron]!, value, range, set: (next) => studio.setInput(neuron, next) };
}
