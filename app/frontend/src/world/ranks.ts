import type { Block, Unfolded } from "./blocks";
import { added, type Nest } from "./stacking";

/**
 * The longest way to each block; what depends on no input, such as a mask, stands right before the first that takes from it, and an
 * unfolded module, such as a step of a recurrent layer, begins where the last of what it takes is there.
 */
export function ranksOf(blocks: readonly Block[], { groups, around }: Pick<Nest, "groups" | "around">): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const { id, takes } of blocks) ranks.set(id, takes.length === 0 ? 0 : 1 + Math.max(...takes.map((taken) => ranks.get(taken) ?? 0)));
  const hanging = new Set<string>();
  for (const block of blocks) if ((block.sort === "body" && block.layer === null) || block.takes.some((id) => hanging.has(id))) hanging.add(block.id);
  const takers = new Map<string, string[]>();
  for (const { id, takes } of blocks) for (const taken of takes) added(takers, taken, id);
  const latest = (id: string): number => Math.min(...takers.get(id)!.map((taker) => ranks.get(taker)!)) - 1;
  for (const { id } of blocks.toReversed()) if (takers.has(id) && !hanging.has(id)) ranks.set(id, Math.max(0, latest(id)));
  const members = new Map<Unfolded, Block[]>();
  for (const block of blocks) for (const group of around.get(block.id)!) added(members, group, block);
  for (const group of groups.toReversed()) {
    const own = members.get(group) ?? [];
    const inside = new Map(own.map(({ id }) => [id, ranks.get(id)!]));
    const start = 1 + Math.max(-1, ...own.flatMap(({ takes }) => takes.filter((id) => !inside.has(id)).map((id) => ranks.get(id) ?? -1)));
    const early = own.filter(({ id }) => inside.get(id)! < start && takers.has(id));
    for (const { id } of early.toReversed()) ranks.set(id, Math.max(ranks.get(id)!, Math.min(start, latest(id))));
    // All of it or nothing: part of it would be no nearer together.
    if (early.some(({ id }) => ranks.get(id)! < start)) for (const { id } of early) ranks.set(id, inside.get(id)!);
  }
  return ranks;
}
