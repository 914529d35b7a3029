/** How a number becomes ink. One scale for activations and weights: it has no end, so no value is cut off. */

/** Place of a value on the diverging scale, −1 to 1. Not a number: 0. */
export function intensity(value: number): number {
  const square = value * value;
  if (square < Infinity) return value / Math.sqrt(1 + square);
  // As far as the scale goes, or no number at all.
  return Math.sign(value) || 0;
}

/** The values that the legend marks. */
export const LEGEND_VALUES: readonly number[] = [-3, -1, 0, 1, 3];

const THINNEST = 1;
const THICKEST = 7;

/** Stroke width of an edge in pixels: grows with the square root of |weight|, up to 16. */
export function edgeWidth(weight: number, scale = 1): number {
  const width = THINNEST + 1.6 * Math.sqrt(Math.min(Math.abs(weight) || 0, 16));
  return Math.min(width, THICKEST) * scale;
}

export type Sign = "negative" | "zero" | "positive";

export function signOf(value: number): Sign {
  return value < 0 ? "negative" : value > 0 ? "positive" : "zero";
}
