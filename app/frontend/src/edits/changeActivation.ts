import { setActivation } from "../model/edits";
import { layerTitle } from "../studio/titles";
import type { Editing } from "./editing";

export function changeActivation({ network, steps }: Omit<Editing, "words">, layer: number, name: string): void {
  const { latest, layers } = network;
  if (name === layers[layer - 1]!.activation) return;
  const label = { key: "studio.did-activation", values: { layer: layerTitle(layer, layers.length), name } };
  steps.commit(setActivation(latest, layer - 1, name), label, { change: { layer: layer - 1, activation: name } });
}
