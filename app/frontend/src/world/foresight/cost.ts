import { sizeOf } from "../cells";
import type { LayerOutline, Outline } from "../types";

/** What the server may be asked to compute ahead of a move: as much as leaves the next move its room. Pure. */

/** Multiply-adds of all tracks together, of one curve, of one plane: some tens of milliseconds on a thread of their own. */
const TRACK_WORK = 60_000_000;
const RESPONSE_WORK = 150_000_000;
const TRACK_STEPS = 49;
const FEWEST_TRACK_STEPS = 9;
const CURVE_STEPS = 97;
const FEWEST_CURVE_STEPS = 17;
const PLANE_STEPS = 40;
const FEWEST_PLANE_STEPS = 8;
/** Numbers that a plane or a sweep tells: all outputs, at each of its places. */
const MOST_NUMBERS = 200_000;
const COPIED = 4;

/** Multiply-adds of one number of a layer's result, roughly. */
function workOf({ kind, parameters, takes }: LayerOutline, shapes: ReadonlyMap<string, readonly number[]>): number {
  const weights = parameters.find(({ name }) => name.endsWith(".weights"))?.shape;
  if (kind === "embedding") return 1;
  if (kind === "dense" && weights) return weights[0]!;
  if (kind === "linear" && weights) return weights.at(-1)!;
  if (kind.startsWith("conv_transpose") && weights) return weights[0]! * sizeOf(weights.slice(2));
  if (kind.startsWith("conv") && weights) return sizeOf(weights.slice(1));
  if (kind === "matmul" || kind === "addmm" || kind === "einsum") return shapes.get(takes[0] ?? "")?.at(-1) ?? 1;
  return COPIED;
}

/** Multiply-adds of one pass, roughly. */
export function costOf({ inputs, layers }: Outline): number {
  const shapes = new Map(inputs.map(({ name, shape }) => [name, shape]));
  return layers.reduce((sum, layer) => {
    shapes.set(layer.activations.name, layer.activations.shape);
    return sum + sizeOf(layer.activations.shape) * workOf(layer, shapes);
  }, 0);
}

const within = (work: number, cost: number, numbers: number): number => Math.floor(Math.min(work / Math.max(1, cost), MOST_NUMBERS / Math.max(1, numbers)));

/** Steps of each of so many tracks; 0 where the network is too large for them. `numbers`: how many outputs it has. */
export function trackSteps(cost: number, numbers: number, tracks: number): number {
  const steps = Math.min(TRACK_STEPS, within(TRACK_WORK / Math.max(1, tracks), cost, numbers));
  return steps < FEWEST_TRACK_STEPS ? 0 : steps;
}

export function curveSteps(cost: number, numbers: number): number {
  const steps = Math.min(CURVE_STEPS, within(RESPONSE_WORK, cost, numbers));
  return steps < FEWEST_CURVE_STEPS ? 0 : steps;
}

/** Of as many steps as `most` those that put each on a whole number, along ways so long; 0 where they would leave out nearly all. */
export function stepsOn(ways: readonly number[], most: number): number {
  if (ways.length === 0) return most;
  const fewest = Math.max(1, Math.min(FEWEST_PLANE_STEPS - 1, ...ways));
  for (let gaps = Math.min(most - 1, ...ways); gaps >= fewest; gaps--) if (ways.every((way) => way % gaps === 0)) return gaps + 1;
  return 0;
}

/** Steps along each side of a plane. */
export function planeSteps(cost: number, numbers: number): number {
  const steps = Math.min(PLANE_STEPS, Math.floor(Math.sqrt(within(RESPONSE_WORK, cost, numbers))));
  return steps < FEWEST_PLANE_STEPS ? 0 : steps;
}
