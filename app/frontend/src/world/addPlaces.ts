import type { Outline } from "./types";
import { LEAST_HEAD, type Layout } from "./place";

/** Where a layer is added: between a block's column and the next one, where there is room for a button; elsewhere the layer's menu does the same. */
export interface AddPoint {
  /** The layer that it goes in after, −1: after the input. */
  readonly after: number;
  readonly x: number;
  readonly y: number;
}

const LEAST_GAP = 14;
/** A button's height, and how far over a frame it stands: a frame's title would lie beneath. */
const ADD = 24;
const OVER_FRAME = 20;

/** By their blocks: those at the top of each column, all at one height, over every head. Beneath another branch its lines would run behind. */
export function addPlaces({ blocks, columns, groups, width, head }: Pick<Layout, "blocks" | "columns" | "groups" | "width" | "head">, { inputs }: Pick<Outline, "inputs">, seen: number): Map<string, AddPoint> {
  if (head === LEAST_HEAD) return new Map();
  const tops = columns.map((_, rank) => Math.min(...blocks.filter((each) => each.rank === rank).map(({ box }) => box.y)));
  const found = blocks.flatMap(({ block, box, rank }): [string, AddPoint][] => {
    if (box.y > tops[rank]! || (block.sort === "body" && block.layer === null && inputs.length > 1)) return [];
    const [column, next] = [columns[rank]!, columns[rank + 1]];
    const from = column.x + column.width;
    const to = next?.x ?? Math.max(width, seen);
    if (to - from < LEAST_GAP) return [];
    const after = block.sort === "body" ? block.index - 1 : block.layers.at(-1)!.index;
    const x = next ? (from + to) / 2 : from + LEAST_GAP / 2;
    // Over the heads on both sides, which may fill the gap, and over the frames around it.
    const frames = groups.filter((each) => each.box.x < x && x < each.box.x + each.box.width).map((each) => each.box.y - OVER_FRAME);
    return [[block.id, { after, x, y: Math.max(0, Math.min(Math.min(box.y, tops[rank + 1] ?? Infinity) - head - ADD, ...frames)) }]];
  });
  const row = Math.min(...found.map(([, { y }]) => y));
  return new Map(found.map(([id, point]) => [id, { ...point, y: row }]));
}
