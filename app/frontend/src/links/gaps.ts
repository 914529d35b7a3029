/** What lies between two blocks of the diagram: one gives values to the other. */
import type { Layout, PlacedBlock, Standing } from "../world/place";
import { apart, bottomOf, pastRoom, type Beneath } from "./lines";
import type { Box, LayerOutline } from "../world/types";

export interface Gap {
  readonly id: string;
  readonly from: PlacedBlock;
  readonly to: PlacedBlock;
  /** The bodies, where they are no cards. */
  readonly giver: Standing | null;
  readonly taker: Standing | null;
  /** The operation between; null into a card. */
  readonly layer: LayerOutline | null;
  /** From the column of one to that of the other. */
  readonly free: number;
  /** What stands in the columns that the link passes by. */
  readonly passed: readonly Box[];
  /** What stands beneath either end in its own column. */
  readonly beneath: Beneath;
  /** How far beneath all of that its line runs; null where it goes straight. */
  readonly past: number | null;
}

/** Every link of the diagram, in the order of the blocks that take. */
export function gapsOf({ blocks, bodies }: Pick<Layout, "blocks" | "bodies">): Gap[] {
  const byId = new Map(blocks.map((block) => [block.block.id, block]));
  const standing = new Map(bodies.map((body) => [body.block.id, body]));
  const columns: { left: number; right: number }[] = [];
  for (const { rank, box } of blocks) {
    const { left, right } = columns[rank] ?? { left: Infinity, right: -Infinity };
    columns[rank] = { left: Math.min(left, box.x), right: Math.max(right, box.x + box.width) };
  }
  const gaps = blocks.flatMap((to) =>
    to.block.takes.flatMap((id): Gap[] => {
      const from = byId.get(id);
      if (!from) return [];
      return [
        {
          past: null,
          ...{ id: `${id} ${to.block.id}`, from, to, giver: standing.get(id) ?? null, taker: standing.get(to.block.id) ?? null },
          layer: to.block.sort === "body" ? to.block.layer : null,
          free: columns[to.rank]!.left - columns[from.rank]!.right,
          passed: blocks.filter(({ rank }) => rank > from.rank && rank < to.rank).map(({ box }) => box),
          beneath: { from: beneathOf(from, blocks), to: beneathOf(to, blocks) },
        },
      ];
    }),
  );
  const lines = gaps.filter((gap) => gap.passed.length > 0 && blocked(gap)).map((gap) => ({ gap, bottom: lowest(gap) }));
  const lows = apart(lines.map(({ gap: { from, to, passed }, bottom }) => ({ from: from.rank, to: to.rank, low: bottom + pastRoom(passed.length) })));
  const rooms = new Map<Gap, number>(lines.map(({ gap, bottom }, k) => [gap, lows[k]! - bottom]));
  return gaps.map((gap) => (rooms.has(gap) ? { ...gap, past: rooms.get(gap)! } : gap));
}

const lowest = ({ from, to, passed, beneath }: Gap): number => bottomOf([from.box, to.box, ...passed, ...beneath.from, ...beneath.to]);

const beneathOf = ({ rank, box: { y } }: PlacedBlock, blocks: readonly PlacedBlock[]): Box[] =>
  blocks.filter((each) => each.rank === rank && each.box.y > y).map(({ box }) => box);

/** Whether a straight way would run through what it passes. */
export function blocked({ from, to, passed }: Gap, head = 0): boolean {
  const [start, end] = [from.box.x + from.box.width, to.box.x];
  const [a, b] = [from.box.y + from.box.height / 2, to.box.y + to.box.height / 2];
  return passed.some((box) => {
    const part = (at: number): number => a + ((b - a) * (Math.min(end, Math.max(start, at)) - start)) / Math.max(1, end - start);
    const [top, bottom] = [part(box.x), part(box.x + box.width)].sort((one, other) => one - other) as [number, number];
    return bottom > box.y - head && top < box.y + box.height;
  });
}
