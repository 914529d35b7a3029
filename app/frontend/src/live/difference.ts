import type { LayerDocument } from "../model/document";
import type { Change, Opening } from "./protocol";

/** Above so many changes, and above so many for each of its numbers, a network is sent whole. */
const MOST_CHANGES = 200;
const MOST_SHARE = 0.3;

/** Whether two lists of numbers are alike. */
export const sameNumbers = (a: readonly number[], b: readonly number[]): boolean =>
  a === b || (a.length === b.length && a.every((value, k) => value === b[k]));

/**
 * The changes that make one opened network and its inputs into another of the same shape: none where they are alike, null where
 * a shape differs, or too much. Parts that are the same object are not looked into: states share what did not change.
 */
export function difference(before: Opening, after: Opening): Change[] | null {
  if (before.layers.length !== after.layers.length || before.inputs.length !== after.inputs.length) return null;
  const changes: Change[] = [];
  const most = Math.max(MOST_CHANGES, MOST_SHARE * after.layers.reduce((sum, { weights, biases }) => sum + weights.length * biases.length, 0));
  if (!sameNumbers(before.inputs, after.inputs)) changes.push({ inputs: after.inputs });
  for (const [layer, to] of after.layers.entries()) {
    const from = before.layers[layer]!;
    if (from.weights.length !== to.weights.length || from.biases.length !== to.biases.length) return null;
    if (from.activation !== to.activation) changes.push({ layer, activation: to.activation });
    if (!weightsOf(layer, from, to, changes, most) || !biasesOf(layer, from, to, changes, most)) return null;
  }
  return changes;
}

function weightsOf(layer: number, before: LayerDocument, after: LayerDocument, changes: Change[], most: number): boolean {
  if (before.weights === after.weights) return true;
  for (const [i, row] of after.weights.entries()) {
    const old = before.weights[i]!;
    if (row === old) continue;
    for (const [j, value] of row.entries()) {
      if (value !== old[j]) changes.push({ layer, weight: [i, j], value });
      if (changes.length > most) return false;
    }
  }
  return true;
}

function biasesOf(layer: number, before: LayerDocument, after: LayerDocument, changes: Change[], most: number): boolean {
  if (before.biases === after.biases) return true;
  for (const [bias, value] of after.biases.entries()) {
    if (value !== before.biases[bias]) changes.push({ layer, bias, value });
    if (changes.length > most) return false;
  }
  return true;
}

/** The network as it stands after a change; what did not change is shared. */
export function applied(opening: Opening, change: Change): Opening {
  if ("inputs" in change) return { ...opening, inputs: change.inputs };
  if ("input" in change) return { ...opening, inputs: opening.inputs.with(change.input, change.value) };
  const layer = opening.layers[change.layer];
  if (!layer) return opening;
  let next: LayerDocument;
  if ("activation" in change) next = { ...layer, activation: change.activation };
  else if ("bias" in change) next = { ...layer, biases: layer.biases.with(change.bias, change.value) };
  else {
    const [from, to] = change.weight;
    next = { ...layer, weights: layer.weights.with(from, layer.weights[from]!.with(to, change.value)) };
  }
  return { layers: opening.layers.with(change.layer, next), inputs: opening.inputs };
}
