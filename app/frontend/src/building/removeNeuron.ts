import { layerIndex } from "../model/numbering";
import { sizesOf } from "../model/sizes";
import * as structure from "../model/structure";
import { afterNeuronRemoved } from "../studio/selection";
import type { Building } from "./building.svelte";

export function removeNeuron(building: Building, layer: number, neuron: number): Promise<void> {
  const { network, selected, t } = building.site;
  const name = network.names[layer]![neuron]!;
  return building.take({
    step: (state) => (layer === 0 ? structure.removeInput(state, neuron) : structure.removeNeuron(state, layerIndex(layer), neuron)),
    told: () => ({
      label: { key: "studio.did-remove-neuron", values: { name } },
      selection: afterNeuronRemoved(selected.part, layer, neuron) ?? { kind: "neuron", layer, neuron: Math.max(0, neuron - 1) },
    }),
    refusal: (state) => (sizesOf(state)[layer]! <= 1 ? t("studio.last-neuron", { name }) : null),
  });
}
