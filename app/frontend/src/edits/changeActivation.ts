import { setActivation } from "../model/edits";
import { layerIn, layerIndex } from "../model/numbering";
import { layerTitle } from "../studio/titles";
import type { Editing } from "./editing";

export function changeActivation({ network, steps }: Omit<Editing, "words">, layer: number, name: string): void {
  const { latest, layers } = network;
  if (name === layerIn(layers, layer)!.activation) return;
  const label = { key: "studio.did-activation", values: { layer: layerTitle(layer, layers), name } };
  steps.commit(setActivation(latest, layerIndex(layer), name), label, { change: { layer: layerIndex(layer), activation: name } });
}
