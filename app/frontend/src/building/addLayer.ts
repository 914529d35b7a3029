import * as structure from "../model/structure";
import { MOST_LAYERS, type Building } from "./building.svelte";

/** A layer after this one, as wide as it. Its first neuron is selected. */
export function addLayer(building: Building, after: number): Promise<void> {
  const { network, t } = building.site;
  const neutral = building.newNumbers === "neutral";
  const { activation } = network.layers[Math.min(after, network.layers.length - 1)]!;
  return building.take({
    step: (state, next) => structure.addLayer(state, after, neutral ? "identity" : next, activation),
    told: () => ({
      label: building.label(neutral ? "studio.did-add-identity" : "studio.did-add-layer", after),
      selection: { kind: "neuron", layer: after + 1, neuron: 0 },
    }),
    refusal: ({ layers }) => (layers.length >= MOST_LAYERS ? t("studio.most-layers", { count: String(MOST_LAYERS) }) : null),
  });
}
