import { layerIndex } from "../model/numbering";
import { sizesOf } from "../model/sizes";
import * as structure from "../model/structure";
import { MOST_NEURONS, type Building } from "./building.svelte";

/** A neuron, or for layer 0 an input, at the end of a layer. It is selected. */
export function addNeuron(building: Building, layer: number): Promise<void> {
  const { t } = building.site;
  return building.take({
    step: (state, next) => (layer === 0 ? structure.addInput(state, next) : structure.addNeuron(state, layerIndex(layer), next)),
    told: (after) => ({
      label: building.label("studio.did-add-neuron", layer),
      selection: { kind: "neuron", layer, neuron: sizesOf(after)[layer]! - 1 },
    }),
    refusal: (state) =>
      sizesOf(state)[layer]! >= MOST_NEURONS ? t("studio.most-neurons", { count: String(MOST_NEURONS) }) : null,
  });
}
