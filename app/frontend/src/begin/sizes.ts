import { MOST_LAYERS, MOST_NEURONS } from "../building/building.svelte";
import type { Message } from "../model/types";

/** Sizes as people write them: 4-8-8-3, 4, 8, 8, 3, 4 → 8 → 8 → 3, 4x8x8x3. */
const BETWEEN = /\s*(?:[-–—−,;:/xX×→>]+|\s)\s*/;

/** The neurons of every layer, the inputs first, or why there are none to begin with. */
export function sizesIn(text: string): number[] | Message {
  const words = text.trim().replace(/^[[(]|[\])]$/g, "").trim().split(BETWEEN).filter((word) => word !== "");
  const wrong = words.find((word) => !/^\d+$/.test(word));
  if (wrong !== undefined) return { key: "studio.begin-not-a-size", values: { text: wrong.slice(0, 20) } };
  if (words.length < 2) return { key: "studio.begin-two-sizes", values: {} };
  const sizes = words.map(Number);
  if (sizes.includes(0)) return { key: "studio.begin-zero", values: {} };
  if (sizes.length - 1 > MOST_LAYERS) return { key: "studio.begin-most-layers", values: { count: String(MOST_LAYERS) } };
  const large = sizes.findIndex((size) => size > MOST_NEURONS);
  if (large >= 0) return { key: "studio.begin-most-neurons", values: { size: words[large]!, count: String(MOST_NEURONS) } };
  return sizes;
}

/** What is usual: a curve that keeps the sign between; at the end yes or no of one output, shares of several. */
export const proposed = (sizes: readonly number[]): { hidden: string; output: string } => ({
  hidden: "tanh",
  output: sizes.at(-1) === 1 ? "sigmoid" : "softmax",
});

/** How many weights and biases a network of these sizes has. */
export const parametersIn = (sizes: readonly number[]): number => sizes.slice(1).reduce((sum, size, k) => sum + (sizes[k]! + 1) * size, 0);
