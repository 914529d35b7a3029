import { layerIndex } from "../model/numbering";
import * as structure from "../model/structure";
import { afterLayers } from "../studio/selection";
import type { Building } from "./building.svelte";

export function removeLayer(building: Building, layer: number): Promise<void> {
  const { selected } = building.site;
  return building.take({
    step: (state, next) => structure.removeLayer(state, layerIndex(layer), next),
    told: () => ({
      label: building.label("studio.did-remove-layer", layer),
      selection: afterLayers(selected.part, layer, -1) ?? { kind: "neuron", layer: Math.max(1, layer - 1), neuron: 0 },
    }),
  });
}
