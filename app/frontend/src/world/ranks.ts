import type { Block } from "./blocks";
import { added } from "./stacking";

/** The longest way to each block; what depends on no input, such as a mask, stands right before the first that takes from it. */
export function ranksOf(blocks: readonly Block[]): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const { id, takes } of blocks) ranks.set(id, takes.length === 0 ? 0 : 1 + Math.max(...takes.map((taken) => ranks.get(taken) ?? 0)));
  const hanging = new Set<string>();
  for (const block of blocks) if ((block.sort === "body" && block.layer === null) || block.takes.some((id) => hanging.has(id))) hanging.add(block.id);
  const takers = new Map<string, string[]>();
  for (const { id, takes } of blocks) for (const taken of takes) added(takers, taken, id);
  for (const { id } of [...blocks].reverse()) {
    const own = takers.get(id);
    if (own && !hanging.has(id)) ranks.set(id, Math.max(0, Math.min(...own.map((taker) => ranks.get(taker)!)) - 1));
  }
  return ranks;
}
