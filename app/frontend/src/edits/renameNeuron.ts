import { rename } from "../model/naming";
import { neuronNames } from "../studio/names";
import type { Editing } from "./editing";

/** `layer` 0 is the inputs. */
export function renameNeuron({ network, steps }: Omit<Editing, "words">, layer: number, neuron: number, name: string): void {
  const before = network.names[layer]![neuron]!;
  const next = rename(network.latest, layer, neuron, name);
  const after = neuronNames(next)[layer]![neuron]!;
  if (after !== before) steps.commit(next, { key: "studio.did-rename", values: { old: before, name: after } }, { change: null });
}
