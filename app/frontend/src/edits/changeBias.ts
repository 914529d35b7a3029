import { setBias } from "../model/edits";
import { layerIn, layerIndex } from "../model/numbering";
import { printed } from "../text/symbols";
import { valueLabel, type Editing } from "./editing";

export function changeBias({ network, words, steps }: Editing, layer: number, neuron: number, value: number): void {
  const { latest } = network;
  const label = valueLabel(printed(words.symbols(layer).bias(neuron)), layerIn(latest.layers, layer)!.biases[neuron]!, value);
  steps.commit(setBias(latest, layerIndex(layer), neuron, value), label, {
    target: `b${layer}.${neuron}`,
    change: { layer: layerIndex(layer), bias: neuron, value },
  });
}
