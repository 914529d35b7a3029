/** What lies between two blocks of the diagram: one gives values to the other. */
import type { Layout, PlacedBlock, Standing } from "../world/place";
import { apart, arriving, bottomOf, LANE, leaving, middleOf, onCurve, pastRoom, type Beneath } from "./lines";
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
  /** Where a straight way leaves the one column and reaches the other, past what is wider there on its side. */
  readonly turns: { readonly from: number; readonly to: number };
  /** How far beneath all of that its line runs; null where it goes straight. */
  readonly past: number | null;
}

/** Every link of the diagram, in the order of the blocks that take. */
export function gapsOf({ blocks, bodies, head }: Pick<Layout, "blocks" | "bodies" | "head">): Gap[] {
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
          turns: turnsOf(from, to, blocks),
        },
      ];
    }),
  );
  const words = blocks.flatMap(({ block, box, rank }) => (block.sort === "body" ? [{ rank, box: { ...box, y: box.y - head, height: head } }] : []));
  const inTheWay = ({ from, to, passed }: Gap): Box[] => [...passed, ...words.filter(({ rank }) => rank > from.rank && rank < to.rank).map(({ box }) => box)];
  const lines = gaps.filter((gap) => gap.passed.length > 0 && blocked(gap, inTheWay(gap))).map((gap) => ({ gap, bottom: lowest(gap) }));
  const lows = apart(lines.map(({ gap: { from, to, passed }, bottom }) => ({ of: from.block.id, from: from.rank, to: to.rank, low: bottom + pastRoom(passed.length) })));
  const rooms = new Map<Gap, number>(lines.map(({ gap, bottom }, k) => [gap, lows[k]! - bottom]));
  const lane = lanesOf(lines.map(({ gap }) => gap), columns);
  return gaps.map((gap) => (rooms.has(gap) ? { ...gap, past: rooms.get(gap)!, beneath: { ...gap.beneath, lanes: { from: lane("from", gap), to: lane("to", gap) } } } : gap));
}

/** From one line that goes down beside a column to the next, at most, and from the middle of a body that one comes to and one goes from. */
const PITCH = 4;
const ASIDE = 6;

/** How far beside their columns lines go down: a higher body's further out, so that none runs over another's way there; beneath a body those that come apart from those that go. */
function lanesOf(lines: readonly Gap[], columns: readonly { left: number; right: number }[]): (end: "from" | "to", gap: Gap) => number {
  const going = { from: new Map<number, Set<PlacedBlock>>(), to: new Map<number, Set<PlacedBlock>>() };
  const [starts, ends] = [new Set(lines.map(({ from }) => from)), new Set(lines.map(({ to }) => to))];
  for (const gap of lines) {
    for (const end of ["from", "to"] as const) {
      const { rank } = gap[end];
      if (gap.beneath[end].length > 0) going[end].set(rank, (going[end].get(rank) ?? new Set()).add(gap[end]));
    }
  }
  return (end, gap) => {
    const { rank, box } = gap[end];
    if (gap.beneath[end].length === 0) return (end === "from" ? ends : starts).has(gap[end]) ? Math.min(ASIDE, box.width / 4) : 0;
    const all = [...(going[end].get(rank) ?? [])];
    const free = end === "from" ? columns[rank + 1]!.left - columns[rank]!.right : columns[rank]!.left - columns[rank - 1]!.right;
    const pitch = Math.min(PITCH, Math.max(0, free / 2 - LANE) / all.length);
    return LANE + pitch * all.filter((other) => other.box.y > box.y).length;
  };
}

const lowest = ({ from, to, passed, beneath }: Gap): number => bottomOf([from.box, to.box, ...passed, ...beneath.from, ...beneath.to]);

const beneathOf = ({ rank, box: { y } }: PlacedBlock, blocks: readonly PlacedBlock[]): Box[] =>
  blocks.filter((each) => each.rank === rank && each.box.y > y).map(({ box }) => box);

function turnsOf(from: PlacedBlock, to: PlacedBlock, blocks: readonly PlacedBlock[]): Gap["turns"] {
  const isUp = middleOf(to.box).y < middleOf(from.box).y;
  const beside = (own: PlacedBlock, above: boolean): Box[] => [own.box, ...blocks.filter(({ rank, box }) => rank === own.rank && (above ? box.y < own.box.y : box.y > own.box.y)).map(({ box }) => box)];
  return { from: Math.max(...beside(from, isUp).map(({ x, width }) => x + width)), to: Math.min(...beside(to, !isUp).map(({ x }) => x)) };
}

/** Whether the way without a detour would run through any of these. */
function blocked({ from, to, turns }: Gap, boxes: readonly Box[]): boolean {
  const [start, end] = [{ ...leaving(from.box, "right"), x: turns.from }, { ...arriving(to.box, "right"), x: turns.to }];
  const heightAt = (x: number): number => {
    let [before, after] = [0, 1];
    for (let k = 0; k < 12; k++) {
      const middle = (before + after) / 2;
      if (onCurve(start, end, "right", middle).x < x) before = middle;
      else after = middle;
    }
    return onCurve(start, end, "right", before).y;
  };
  return boxes.some(({ x, y, width, height }) => {
    const [one, other] = [heightAt(x), heightAt(x + width)];
    return Math.max(one, other) > y && Math.min(one, other) < y + height;
  });
}
