import { changeBias } from "../edits/changeBias";
import { changeInput } from "../edits/changeInput";
import { changeWeight } from "../edits/changeWeight";
import type { Translate } from "../text/messages";
import type { Network } from "./network.svelte";
import { parameterRange } from "./ranges";
import type { Part } from "./selection";
import type { Steps } from "./steps.svelte";
import type { Words } from "./words";

interface Given {
  t: Translate;
  network: Network;
  words: Words;
  steps: Steps;
}

/** A number that the learner sets: an input's value, a weight or a bias. */
export interface Parameter {
  name: string;
  value: number;
  range: [number, number];
  set: (value: number) => void;
}

/** The number that a part holds; null for a neuron after the inputs, whose value is computed. */
export function parameterOf(given: Given, part: Part): Parameter | null {
  if (part.kind === "edge") {
    const { layer, from, to } = part;
    const value = given.network.weight(layer, from, to);
    const name = given.t("studio.weight-name", { name: given.words.spokenSymbol(given.words.symbols(layer).weight(from, to)) });
    return { name, value, range: parameterRange(value), set: (next) => changeWeight(given, layer, from, to, next) };
  }
  const { layer, neuron } = part;
  if (part.kind === "bias") {
    const value = given.network.bias(layer, neuron);
    const name = given.t("studio.bias-name", { name: given.words.spokenSymbol(given.words.symbols(layer).bias(neuron)) });
    return { name, value, range: parameterRange(value), set: (next) => changeBias(given, layer, neuron, next) };
  }
  if (layer > 0) return null;
  const { names, inputs, ranges } = given.network;
  return { name: names[0]![neuron]!, value: inputs[neuron]!, range: ranges[neuron]!, set: (next) => changeInput(given, neuron, next) };
}
