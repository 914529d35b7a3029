/**
 * The edges of one dense layer as what is drawn of them: all leave one line across the flow and arrive at another, so that a column of
 * the picture is the same part of every edge's way. Lengths are in CSS pixels.
 */
import { edgeWidth, intensity } from "../../diagram/scale";

export interface Bundle {
  readonly flow: "right" | "down";
  /** Where all leave and where all arrive, along the flow. */
  readonly start: number;
  readonly end: number;
  /** Where each source's edges leave and each target's arrive, across the flow. */
  readonly sources: Float32Array;
  readonly targets: Float32Array;
  /** (sources, targets), row by row. */
  readonly weights: Float32Array;
  /** How thick edges are drawn, as a part of their full width. */
  readonly scale: number;
}

/** Progress along the flow, and across it, of a cubic whose control points stand half way. */
export const alongFlow = (t: number): number => 1.5 * t - 1.5 * t * t + t * t * t;
export const acrossFlow = (t: number): number => 3 * t * t - 2 * t * t * t;

/** The curve's parameter where it has come `progress` (0 to 1) along the flow. */
export function parameterAt(progress: number): number {
  let t = progress;
  for (let i = 0; i < 8; i++) t -= (alongFlow(t) - progress) / (1.5 - 3 * t + 3 * t * t);
  return Math.min(1, Math.max(0, t));
}

/** How opaque one edge is that no other crosses, as in the diagram of few edges. */
export const OPACITY = 0.5;
/** A dash and the gap after it, of a negative weight's edge. */
export const DASH = 7;
export const DASHED = 11;
/** The least that a zero weight's edge wears of its sign's colour. */
export const LEAST_HUE = 0.45;

/**
 * How much ink edges leave where they cover a pixel: each its optical depth, so that depths add up in any order, and what was laid
 * down can be taken up again. Where many edges cross, the larger weights stand out: depth is `steep` · |weight| ** `power`, and never more
 * than `alone`. With power 0 all have the same.
 */
export interface Ink {
  readonly alone: number;
  readonly steep: number;
  readonly power: number;
}

/** How deep the ink of a crowded picture is on average. */
const DEEPEST = 0.9;
const LARGEST_POWER = 3;

/** The ink of a bundle. `opacity`: of an edge that stands alone. */
export function inkOf({ weights, scale, sources, targets }: Bundle, opacity = OPACITY): Ink {
  // Half way all edges lie between the middles of their ends.
  const across = (spanOf(sources) + spanOf(targets)) / 2;
  const alone = -Math.log(1 - opacity);
  let width = 0;
  for (const weight of weights) width += edgeWidth(weight, scale);
  if (width <= across) return { alone, steep: alone, power: 0 };
  const power = Math.min(LARGEST_POWER, 1 + Math.log10(width / across));
  let inked = 0;
  for (const weight of weights) inked += edgeWidth(weight, scale) * sizeOf(weight) ** power;
  return inked === 0 ? { alone, steep: 0, power } : { alone, steep: (DEEPEST * across) / inked, power };
}

/** How far apart the outermost ends stand, with room for one more. */
function spanOf(ends: Float32Array): number {
  let [low, high] = [Infinity, -Infinity];
  for (const end of ends) [low, high] = [Math.min(low, end), Math.max(high, end)];
  return ends.length > 1 ? ((high - low) * ends.length) / (ends.length - 1) : 1;
}

/** |weight|, within what can be added up; 0 for what is not a number. */
const sizeOf = (weight: number): number => Math.min(Math.abs(weight) || 0, 1e9);

export const depthOf = (weight: number, { alone, steep, power }: Ink): number => Math.min(alone, steep * sizeOf(weight) ** power);

/** Where an edge's first dash begins, from 0 to 1: side by side they would make bands, so each crowded one has its own. */
export const dashPhase = (edge: number, ink: Ink): number => (ink.power === 0 ? 0 : (edge * 0.618034) % 1);

/** How much of an edge's ink has its sign's colour; the rest has the zero weight's. */
export const hueOf = (weight: number): number => LEAST_HUE + (1 - LEAST_HUE) * Math.abs(intensity(weight));

export interface EdgePlace {
  readonly from: number;
  readonly to: number;
}

/**
 * The edge nearest to a point, measured across the flow; null where none is within `tolerance`. `among` leaves others aside.
 */
export function nearestEdge(
  bundle: Bundle,
  along: number,
  across: number,
  tolerance: number,
  among: (from: number, to: number) => boolean = () => true,
): EdgePlace | null {
  const { start, end, sources, targets } = bundle;
  if (along < start || along > end || end <= start) return null;
  const part = acrossFlow(parameterAt((along - start) / (end - start)));
  let best: EdgePlace | null = null;
  let distance = tolerance;
  for (let from = 0; from < sources.length; from++) {
    const left = sources[from]! * (1 - part) - across;
    for (let to = 0; to < targets.length; to++) {
      const here = Math.abs(left + targets[to]! * part);
      if (here > distance || !among(from, to)) continue;
      distance = here;
      best = { from, to };
    }
  }
  return best;
}
