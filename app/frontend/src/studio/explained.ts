import type { Watch } from "../live/protocol";
import { layerIn, layerIndex } from "../model/numbering";
import type { Layer } from "../model/types";
import { neuronOf, type Part } from "./selection";

/** What the server has to explain of the neuron that a selected part belongs to: its sum, and where its function takes the whole layer, that. */
export function explanationOf(part: Part | null, layers: readonly Layer[], isElementwise: (activation: string) => boolean): Watch[] {
  if (!part) return [];
  const { layer, neuron } = neuronOf(part);
  if (layer === 0) return [];
  const sum: Watch = { kind: "explain", layer: layerIndex(layer), neuron };
  return isElementwise(layerIn(layers, layer)!.activation) ? [sum] : [sum, { kind: "shares", layer: layerIndex(layer) }];
}
