/** What to have the server compute ahead, within what it can do at every move. Pure. */

import type { Watch } from "../live/protocol";
import { layerIndex } from "../model/numbering";
import type { Part } from "../studio/selection";

/** A slider that is in sight, and the values that its track spans. */
export interface Track {
  part: Part;
  range: readonly [number, number];
}

export interface Span {
  name: string;
  ranges: readonly (readonly [number, number])[];
}

const MOST_TRACKS = 60;
const TRACK_STEPS = 49;
const FEWEST_STEPS = 9;
/** Steps that a track is not made finer than, where that would cost more than the server does at once. */
const ENOUGH_STEPS = 17;
/** Multiply-adds for all tracks together: what the server does at once, and some milliseconds on another thread. */
const CHEAP_WORK = 1_800_000;
const TRACK_WORK = 12_000_000;
const LINE_STEPS = 97;
/** Numbers of all neurons' responses together: what a frame carries. */
const PLANE_NUMBERS = 80_000;
const MOST_PLANE_STEPS = 48;
/** While nothing moves there is time for as many as a map has pixels, about: a boundary is no staircase then. */
const MOST_RESTING_STEPS = 160;
const FEWEST_PLANE_STEPS = 10;

/** What a slider's part is called in a frame: i0, w0.1.2 or b0.1; layers count from 0. */
export function trackName(part: Part): string {
  if (part.kind === "edge") return `w${layerIndex(part.layer)}.${part.from}.${part.to}`;
  if (part.kind === "bias") return `b${layerIndex(part.layer)}.${part.neuron}`;
  return `i${part.neuron}`;
}

function varied(part: Part): Record<string, unknown> {
  if (part.kind === "edge") return { layer: layerIndex(part.layer), weight: [part.from, part.to] };
  if (part.kind === "bias") return { layer: layerIndex(part.layer), bias: part.neuron };
  return { input: part.neuron };
}

/** Multiply-adds of one pass. */
const workOf = (sizes: readonly number[]): number => sizes.slice(1).reduce((sum, n, k) => sum + (sizes[k]! + 1) * n, 0);

/** A sweep for each track: as fine as the network's size allows, none where it is too large for that. */
export function trackWatches(tracks: readonly Track[], sizes: readonly number[]): Watch[] {
  const shown = tracks.slice(0, MOST_TRACKS);
  const stepWork = workOf(sizes) * Math.max(shown.length, 1);
  const most = Math.floor(TRACK_WORK / stepWork);
  const steps = Math.min(TRACK_STEPS, most, Math.max(ENOUGH_STEPS, Math.floor(CHEAP_WORK / stepWork)));
  if (steps < FEWEST_STEPS) return [];
  return shown.map(({ part, range }) => ({
    kind: "sweep",
    as: trackName(part),
    vary: varied(part),
    from: range[0],
    to: range[1],
    steps,
  }));
}

/** How many samples each side of the plane has, while numbers move or rest; 0 where the network is too large for any. */
export function planeSteps(sizes: readonly number[], resting = false): number {
  const neurons = sizes.slice(1).reduce((sum, size) => sum + size, 0);
  const fitting = Math.floor(Math.sqrt(Math.min(PLANE_NUMBERS / neurons, CHEAP_WORK / workOf(sizes))));
  return fitting < FEWEST_PLANE_STEPS ? 0 : Math.min(resting ? MOST_RESTING_STEPS : MOST_PLANE_STEPS, fitting);
}

/** Every neuron's response: over the plane of two inputs, or along the one there is. */
export function responseWatches(span: Span, sizes: readonly number[], resting = false): Watch[] {
  const [x, y] = span.ranges;
  if (sizes[0] === 1 && x) {
    return [{ kind: "sweep", as: span.name, vary: { input: 0 }, from: x[0], to: x[1], steps: LINE_STEPS, layers: true }];
  }
  const steps = planeSteps(sizes, resting);
  if (sizes[0] !== 2 || !x || !y || steps === 0) return [];
  const side = (input: number, [from, to]: readonly [number, number]) => ({ input, from, to });
  return [{ kind: "grid", as: span.name, x: side(0, x), y: side(1, y), steps }];
}
