import type { LayerOutline, Outline, TensorOutline } from "../types";
import type { WorldWatch } from "../watching";

/** Tensors of a pinned network by the names of those that they are compared with; null where both networks are one. */
export type Counterparts = ReadonlyMap<string, string> | null;

const sameShape = (one: TensorOutline | null, other: TensorOutline | null): boolean => one?.shape.join() === other?.shape.join();

const alike = (one: LayerOutline, other: LayerOutline): boolean =>
  one.name === other.name && one.kind === other.kind && sameShape(one.preActivations, other.preActivations) && sameShape(one.activations, other.activations);

/**
 * What the tensors of a network are compared with in another one: inputs of one name and shape, layers that are alike from the first on
 * and from the last on, and outputs of one shape. What is between was added, removed or made another.
 */
export function counterparts(outline: Outline, other: Outline): Counterparts {
  if (outline.id === other.id) return null;
  const found = new Map<string, string>();
  const add = (one: TensorOutline | null, two: TensorOutline | null): void => void (one && two && sameShape(one, two) && found.set(one.name, two.name));
  for (const input of outline.inputs) add(input, other.inputs.find(({ name }) => name === input.name) ?? null);
  const [mine, theirs] = [outline.layers, other.layers];
  const shorter = Math.min(mine.length, theirs.length);
  let first = 0;
  while (first < shorter && alike(mine[first]!, theirs[first]!)) first++;
  let last = 0;
  while (last < shorter - first && alike(mine[mine.length - 1 - last]!, theirs[theirs.length - 1 - last]!)) last++;
  const pair = (one: LayerOutline, two: LayerOutline): void => {
    add(one.activations, two.activations);
    add(one.preActivations, two.preActivations);
  };
  for (let k = 0; k < first; k++) pair(mine[k]!, theirs[k]!);
  for (let k = 1; k <= last; k++) pair(mine.at(-k)!, theirs.at(-k)!);
  const result = ({ layers }: Outline, name: string): TensorOutline | null => layers.find(({ activations }) => activations.name === name)?.activations ?? null;
  outline.outputs.forEach((name, k) => !found.has(name) && add(result(outline, name), result(other, other.outputs[k] ?? "")));
  return found;
}

export const counterpartOf = (counterparts: Counterparts, tensor: string): string | null => (counterparts === null ? tensor : (counterparts.get(tensor) ?? null));

/** The same watches of the pinned network; those of what it does not have are left out. */
export const watchesThere = (counterparts: Counterparts, watches: readonly WorldWatch[]): WorldWatch[] =>
  watches.flatMap((watch): WorldWatch[] => {
    // What would come of a move is asked of the learner's state alone.
    if (watch.kind === "sweep" || watch.kind === "grid") return [];
    const tensor = counterpartOf(counterparts, watch.kind === "tensor" ? watch.tensor : watch.cell.tensor);
    if (tensor === null) return [];
    return watch.kind === "tensor" ? [{ ...watch, tensor }] : [{ ...watch, cell: { ...watch.cell, tensor } }];
  });
