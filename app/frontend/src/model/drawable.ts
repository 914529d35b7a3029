import { sizesOf } from "./sizes";
import type { StudioState } from "./types";

/**
 * Measured on two busy cores: with 10,000 weights a page opens in 3 s and follows a hand; with 16,000 its first moves take a second,
 * with 100,000 it stands still for minutes. The second is for the sliders of inputs, one each.
 */
export const MOST_DRAWN_WEIGHTS = 10_000;
export const MOST_DRAWN_IN_A_LAYER = 128;

/** Above so many weights the page for networks of every kind opens sooner and moves a weight in less than half the time. */
const MOST_OPENED_WEIGHTS = 6_000;

const weightsOf = (sizes: readonly number[]): number => sizes.slice(1).reduce((sum, size, k) => sum + size * sizes[k]!, 0);

/** Whether a network of these sizes can be drawn and moved on a page. */
const isDrawable = (sizes: readonly number[]): boolean => weightsOf(sizes) <= MOST_DRAWN_WEIGHTS && sizes.every((size) => size <= MOST_DRAWN_IN_A_LAYER);

/** Whether one that the server keeps, which has no names and ranges of its own, is opened in the studio of small dense ones. */
export const opensInStudio = (sizes: readonly number[]): boolean => isDrawable(sizes) && weightsOf(sizes) <= MOST_OPENED_WEIGHTS;

export const stateIsDrawable = (state: StudioState): boolean => isDrawable(sizesOf(state));
