import { sizesOf } from "./structure";
import type { StudioState } from "./types";

/** Above so many weights, or neurons in one layer, a page needs seconds for each move: measured, on two cores. */
export const MOST_DRAWN_WEIGHTS = 3000;
export const MOST_DRAWN_IN_A_LAYER = 128;

/** Whether a network of these sizes can be drawn and moved on a page. */
export function isDrawable(sizes: readonly number[]): boolean {
  const weights = sizes.slice(1).reduce((sum, size, k) => sum + size * sizes[k]!, 0);
  return weights <= MOST_DRAWN_WEIGHTS && sizes.every((size) => size <= MOST_DRAWN_IN_A_LAYER);
}

export const stateIsDrawable = (state: StudioState): boolean => isDrawable(sizesOf(state));
