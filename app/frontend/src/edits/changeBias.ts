import { setBias } from "../model/edits";
import { printed } from "../text/symbols";
import { valueLabel, type Editing } from "./editing";

export function changeBias({ network, words, steps }: Editing, layer: number, neuron: number, value: number): void {
  const { latest } = network;
  const label = valueLabel(printed(words.symbols(layer).bias(neuron)), latest.layers[layer - 1]!.biases[neuron]!, value);
  steps.commit(setBias(latest, layer - 1, neuron, value), label, {
    target: `b${layer}.${neuron}`,
    change: { layer: layer - 1, bias: neuron, value },
  });
}
