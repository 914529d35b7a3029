import { isMoves, type Block } from "../blocks";
import { sizeOf } from "../cells";

/** The pass as a row of steps: block after block and, by cell, number after number. Pure: blocks in, steps out. */

export const GRAINS = ["layer", "cell", "term"] as const;
export type Grain = (typeof GRAINS)[number];

/** A block with the place of its first step and how many it has: 1, or one for each of its numbers. */
export interface Stop {
  readonly block: Block;
  readonly start: number;
  readonly cells: number;
}

/** A step: which block, and which of its numbers in their order. */
export interface Place {
  readonly stop: number;
  readonly cell: number;
}

/** Kinds whose numbers are others' numbers, all at once. */
const MOVES = new Set(["reshape", "flatten", "unflatten", "transpose", "permute", "squeeze", "unsqueeze", "select", "slice", "expand", "contiguous", "clone", "cat"]);

function cellsOf(block: Block, grain: Grain): number {
  if (grain === "layer" || block.sort === "card" || block.layer === null || isMoves(block) || MOVES.has(block.layer.kind)) return 1;
  return Math.max(1, sizeOf(block.tensor.shape));
}

/** The inputs are one step together; then every block in the order in which it is computed. */
export function stopsOf(blocks: readonly Block[], grain: Grain): Stop[] {
  const stops: Stop[] = [];
  let start = 0;
  for (const block of blocks) {
    const cells = cellsOf(block, grain);
    const isInput = block.sort === "body" && block.layer === null;
    // Several inputs are given together.
    const at = isInput && stops.length > 0 ? 0 : start;
    stops.push({ block, start: at, cells });
    start = Math.max(start, at + cells);
  }
  return stops;
}

export const countOf = (stops: readonly Stop[]): number => stops.reduce((most, { start, cells }) => Math.max(most, start + cells), 0);

/** Which block's step it is, by halving: there may be hundreds of blocks. */
export function placeOf(stops: readonly Stop[], at: number): Place {
  let [low, high] = [0, stops.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (stops[middle]!.start <= at) low = middle;
    else high = middle - 1;
  }
  return { stop: low, cell: Math.min(at - stops[low]!.start, stops[low]!.cells - 1) };
}

/** So many numbers are computed one by one; of a larger block each step of a play goes further than the one before. */
const SLOWLY = 12;

/** How far a play goes from this number to its next step. */
export function strideOf({ cells }: Stop, cell: number): number {
  if (cells <= SLOWLY + 4) return 1;
  return Math.min(1 + Math.floor(cell / SLOWLY), Math.max(1, cells - 1 - cell));
}
