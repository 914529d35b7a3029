/** Where a convolution's kernels stand: on the way from map to map. */
import type { Box, PlacedBody, Point } from "../world/types";
import { mapBox, mapsOf } from "./ends";
import { arriving, leaving, onCurve, type Flow } from "./lines";

export interface KernelPlace {
  /** The map that is made, and which of the maps it is made of, within its group. */
  readonly out: number;
  readonly within: number;
  readonly box: Box;
}

interface Between {
  readonly giver: PlacedBody;
  readonly taker: PlacedBody;
  readonly free: number;
}

/** A kernel's cell is so large where there is room, in pixels, and no smaller than the second. */
const CELL = { most: 10, least: 2.5 };
/** Of the room between two bodies a kernel takes no more. */
const SHARE = 0.34;
const ROOM = 4;
const BEFORE = 0.26;
/** So much of the room before maps is their kernels' at most. */
export const KERNELS = BEFORE + SHARE / 2;

/**
 * The kernels to show: of each map that is made of one alone and stands free, and of the map `shown` all; of others none, since their
 * places would lie on one another. `free`: the room between their columns, of which one may be wider than the maps in it. `shape`: of
 * the weights (out channels, in channels of a group, height, width).
 */
export function kernelPlaces({ giver, taker, free }: Between, shape: readonly number[], groups: number, shown: number | null, flow: Flow): KernelPlace[] {
  const [outs, each] = shape as [number, number];
  const [rows, columns] = shape.length === 4 ? [shape[2]!, shape[3]!] : [1, shape[2]!];
  if (mapsOf(taker.tensor.shape) !== outs) return [];
  const wanted = Array.from({ length: outs }, (_, out) => out).filter((out) => each === 1 || out === shown);
  const places = wanted.flatMap((out) =>
    Array.from({ length: each }, (_, within): KernelPlace | null => {
      const from = mapBox(giver, Math.floor((out * groups) / outs) * each + within);
      const to = mapBox(taker, out);
      if (!from || !to) return null;
      const pitch = each === 1 ? pitchOf(taker, outs, flow) : pitchOf(giver, mapsOf(giver.tensor.shape), flow) * (1 - 0.4);
      const cell = Math.min(CELL.most, (SHARE * free) / columns, (pitch - ROOM) / rows);
      if (cell < CELL.least) return null;
      // Right before the map that it makes, or, of several that make one, where their ways are still apart.
      const middle = each === 1 ? before(to, free, flow) : onCurve(leaving(from, flow), arriving(to, flow), flow, 0.42);
      const [width, height] = [cell * columns, cell * rows];
      return { out, within, box: { x: middle.x - width / 2, y: middle.y - height / 2, width, height } };
    }),
  );
  const maps = Array.from({ length: outs }, (_, map) => mapBox(taker, map)).filter((map) => map !== null);
  // Between maps that stand side by side there is no room for one: half of it would lie beneath the map before.
  return places.filter((place) => place !== null).filter(({ out, box }) => out === shown || !maps.some((map) => overlap(map, box)));
}

const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The place right before a map, where a way of one map to it runs straight. */
export function before(map: Box, free: number, flow: Flow): Point {
  const { x, y } = arriving(map, flow);
  return flow === "right" ? { x: x - BEFORE * free, y } : { x, y: y - BEFORE * free };
}

/** How far apart maps stand across the flow. */
function pitchOf(body: PlacedBody, maps: number, flow: Flow): number {
  const side = flow === "right" ? "y" : "x";
  const length = flow === "right" ? "height" : "width";
  const [first, second] = [mapBox(body, 0), maps > 1 ? mapBox(body, 1) : null];
  if (!first) return 0;
  const apart = second ? Math.abs(second[side] - first[side]) : 0;
  return apart > 0 ? apart : first[length] + ROOM;
}
