import { setWeight } from "../model/edits";
import { printed } from "../text/symbols";
import { valueLabel, type Editing } from "./editing";

export function changeWeight({ network, words, steps }: Editing, layer: number, from: number, to: number, value: number): void {
  const { latest } = network;
  const label = valueLabel(printed(words.symbols(layer).weight(from, to)), latest.layers[layer - 1]!.weights[from]![to]!, value);
  steps.commit(setWeight(latest, layer - 1, from, to, value), label, {
    target: `w${layer}.${from}.${to}`,
    change: { layer: layer - 1, weight: [from, to], value },
  });
}
