import { sizesOf } from "./sizes";
import type { StudioState } from "./types";

/**
 * Measured on two busy cores: with 10,000 weights a page opens in 3 s and follows a hand; with 16,000 its first moves take a second,
 * with 100,000 it stands still for minutes. The second is for the sliders of inputs, one each.
 */
export const MOST_DRAWN_WEIGHTS = 10_000;
export const MOST_DRAWN_IN_A_LAYER = 128;

/** Whether a network of these sizes can be drawn and moved on a page. */
export function isDrawable(sizes: readonly number[]): boolean {
  const weights = sizes.slice(1).reduce((sum, size, k) => sum + size * sizes[k]!, 0);
  return weights <= MOST_DRAWN_WEIGHTS && sizes.every((size) => size <= MOST_DRAWN_IN_A_LAYER);
}

export const stateIsDrawable = (state: StudioState): boolean => isDrawable(sizesOf(state));
