import * as structure from "../model/structure";
import type { Building } from "./building.svelte";

/** Exchanges a layer with the one before (−1) or after it (+1). */
export function moveLayer(building: Building, layer: number, direction: 1 | -1): Promise<void> {
  const first = direction === 1 ? layer : layer - 1;
  return building.take({
    step: (state, next) => structure.moveLayer(state, first - 1, next),
    told: () => ({
      label: building.label("studio.did-move-layer", layer),
      selection: { kind: "neuron", layer: layer + direction, neuron: 0 },
    }),
  });
}
