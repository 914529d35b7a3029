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

/** The room between its bodies, where what is said of the link stands. */
export const roomOf = ({ from, to }: Pick<Gap, "from" | "to">): number => to.box.x - from.box.x - from.box.width;

const known = new WeakMap<Pick<Layout, "blocks">, readonly Gap[]>();

/** Every link of the diagram, in the order of the blocks that take. Of one layout it is worked out once. */
export function gapsOf(layout: Pick<Layout, "blocks" | "bodies" | "head">): readonly Gap[] {
  const found = known.get(layout) ?? gapsIn(layout);
  known.set(layout, found);
  return found;
}

function gapsIn({ blocks, bodies, head }: Pick<Layout, "blocks" | "bodies" | "head">): Gap[] {
  const byId = new Map(blocks.map((block) => [block.block.id, block]));
  const standing = new Map(bodies.map((body) => [body.block.id, body]));
  const columns: Column[] = [];
  for (const block of blocks) {
    const { rank, box } = block;
    const column = (columns[rank] ??= { left: Infinity, right: -Infinity, blocks: [] });
    column.left = Math.min(column.left, box.x);
    column.right = Math.max(column.right, box.x + box.width);
    column.blocks.push(block);
  }
  const between = (from: PlacedBlock, to: PlacedBlock): PlacedBlock[] => columns.slice(from.rank + 1, to.rank).flatMap((column) => column.blocks);
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
          passed: between(from, to).map(({ box }) => box),
          beneath: { from: beneathOf(from, columns), to: beneathOf(to, columns) },
          turns: turnsOf(from, to, columns),
        },
      ];
    }),
  );
  // Heads too: no line runs through them.
  const inTheWay = ({ from, to }: Gap): Box[] => between(from, to).map(({ block, box }) => (block.sort === "body" ? { ...box, y: box.y - head, height: box.height + head } : box));
  const lines = gaps.filter((gap) => gap.passed.length > 0 && blocked(gap, inTheWay(gap))).map((gap) => ({ gap, bottom: lowest(gap) }));
  const lows = apart(lines.map(({ gap: { from, to, passed }, bottom }) => ({ of: from.block.id, from: from.rank, to: to.rank, low: bottom + pastRoom(passed.length) })));
  const rooms = new Map<Gap, number>(lines.map(({ gap, bottom }, k) => [gap, lows[k]! - bottom]));
  const lane = lanesOf(lines.map(({ gap }) => gap), columns);
  return gaps.map((gap) => (rooms.has(gap) ? { ...gap, past: rooms.get(gap)!, beneath: { ...gap.beneath, lanes: { from: lane("from", gap), to: lane("to", gap) } } } : gap));
}

/** All that stands one above the other. */
interface Column {
  left: number;
  right: number;
  readonly blocks: PlacedBlock[];
}

/** From one line that goes down beside a column to the next, at most, and from the middle of a body that one comes to and one goes from. */
const PITCH = 4;
const ASIDE = 6;

/** How far beside their columns lines go down: a higher body's further out, so that none runs over another's way there; beneath a body those that come apart from those that go. */
function lanesOf(lines: readonly Gap[], columns: readonly Column[]): (end: "from" | "to", gap: Gap) => number {
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

const beneathOf = ({ rank, box: { y } }: PlacedBlock, columns: readonly Column[]): Box[] => columns[rank]!.blocks.filter(({ box }) => box.y > y).map(({ box }) => box);

function turnsOf(from: PlacedBlock, to: PlacedBlock, columns: readonly Column[]): Gap["turns"] {
  const isUp = middleOf(to.box).y < middleOf(from.box).y;
  const beside = (own: PlacedBlock, above: boolean): Box[] => [own.box, ...columns[own.rank]!.blocks.filter(({ box }) => (above ? box.y < own.box.y : box.y > own.box.y)).map(({ box }) => box)];
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
  const [top, bottom] = [Math.min(start.y, end.y), Math.max(start.y, end.y)];
  return boxes.some(({ x, y, width, height }) => {
    if (bottom <= y || top >= y + height) return false;
    const [one, other] = [heightAt(x), heightAt(x + width)];
    return Math.max(one, other) > y && Math.min(one, other) < y + height;
  });
}
