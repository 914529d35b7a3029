import { sizeOf } from "./cells";
import type { Outline } from "./types";

/** A network with more numbers than this in its pass tells what is watched, and nothing else. */
const MOST_TOLD = 20_000;

/** Whether every pass brings all numbers by itself. */
export function tellsAll(outline: Outline): boolean {
  if (isChain(outline)) return true;
  const results = outline.layers.flatMap(({ preActivations, activations }) => [preActivations, activations]);
  const numbers = [...outline.inputs, ...results].reduce((sum, tensor) => sum + (tensor ? sizeOf(tensor.shape) : 0), 0);
  return numbers <= MOST_TOLD;
}

/** A chain of dense layers and nothing else: such a network has its own, faster pass, which tells everything. */
export const isChain = ({ inputs, layers }: Outline): boolean =>
  layers.every(({ kind, takes, preActivations }, k) => kind === "dense" && preActivations !== null && takes[0] === (k === 0 ? inputs[0]!.name : layers[k - 1]!.activations.name));
