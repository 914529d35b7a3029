import { setWeight } from "../model/edits";
import { layerIn, layerIndex } from "../model/numbering";
import { printed } from "../text/symbols";
import { valueLabel, type Editing } from "./editing";

export function changeWeight({ network, words, steps }: Editing, layer: number, from: number, to: number, value: number): void {
  const { latest } = network;
  const label = valueLabel(printed(words.symbols(layer).weight(from, to)), layerIn(latest.layers, layer)!.weights[from]![to]!, value);
  steps.commit(setWeight(latest, layerIndex(layer), from, to, value), label, {
    target: `w${layer}.${from}.${to}`,
    change: { layer: layerIndex(layer), weight: [from, to], value },
  });
}
