import { withNumbers } from "../model/structure";
import { drawNetwork } from "../studio/draws";
import type { Building } from "./building.svelte";

/** Draws every weight and bias from a seed; with `inputs`, features too, in the notebook's order. */
export function randomise(building: Building, seed: number, inputs: boolean): Promise<void> {
  return building.queued(async () => {
    const { network, steps, language } = building.site;
    const drawn = await drawNetwork(network.sizes, seed, inputs, language);
    // The network may have become another while it was drawn.
    if (String(drawn.layers.map(({ biases }) => biases.length)) !== String(network.sizes.slice(1))) return;
    const next = withNumbers(network.latest, drawn.layers, seed);
    const label = { key: "studio.did-draw", values: { seed: String(seed) } };
    steps.commit(drawn.inputs ? { ...next, inputs: drawn.inputs } : next, label, { opened: true });
  });
}
