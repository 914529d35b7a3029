import type { Block, Unfolded } from "./blocks";

/**
 * What stands over what: blocks of one column, and frames over or under all that they do not hold, in every column that they reach over.
 * A row of such demands is solved twice, from above and from below; half-way between the two everything keeps its distance, and a column
 * by itself stands in the middle.
 */
export interface Stack {
  /** Blocks and the edges of frames, those above first. */
  readonly parts: readonly Part[];
  /** Of each block, how many stand in the longest row through it, and the room between them and around them. */
  readonly rows: ReadonlyMap<string, { readonly count: number; readonly between: number }>;
}

interface Part {
  /** null for the edge of a frame. */
  readonly block: string | null;
  /** How far it may reach beyond the room that the blocks have. */
  readonly over: number;
  readonly under: number;
  /** What stands over it, and how far away at least. */
  readonly after: { readonly part: number; readonly gap: number }[];
}

/** How far a frame reaches over the heads in it and under the bodies. */
export type Reach = (group: Unfolded) => { readonly over: number; readonly under: number };

/** Which frames stand around what. They lie within one another or apart, none across another's edge. */
export interface Nest {
  /** Outer ones first, and each right before those within it. */
  readonly groups: readonly Unfolded[];
  /** Of each block the frames around it, the outermost first. */
  readonly around: ReadonlyMap<string, readonly Unfolded[]>;
  /** Of each frame how many within it stand around the same, at most. */
  readonly levels: ReadonlyMap<Unfolded, number>;
}

export function nestOf(blocks: readonly Block[], groups: readonly Unfolded[]): Nest {
  const holders = new Map<number, Unfolded[]>();
  const levels = new Map<Unfolded, number>();
  const outer: Unfolded[] = [];
  for (const group of groups) {
    outer.length = group.depth;
    for (const each of outer) levels.set(each, Math.max(levels.get(each)!, group.depth - each.depth));
    outer.push(group);
    levels.set(group, 0);
    for (const layer of group.layers) added(holders, layer, group);
  }
  const around = new Map(blocks.map((block) => [block.id, holders.get((block.sort === "card" ? block.layers[0]! : block.layer)?.index ?? -1) ?? []]));
  return { groups, around, levels };
}

export function added<K, V>(lists: Map<K, V[]>, key: K, item: V): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

/** A block, or a frame with what stands in it. */
type Item = { readonly blocks: readonly Block[]; readonly group: Unfolded | null; readonly height: number };

/** `heights`: how high each block stands in its column, as heightsOf says. */
export function stackOf(blocks: readonly Block[], ranks: ReadonlyMap<string, number>, heights: ReadonlyMap<string, number>, { around }: Nest, reach: Reach, gap: number): Stack {
  const parts: Part[] = [];
  const open: { readonly edge: number; readonly reach: ReturnType<Reach>; readonly members: number[] }[] = [];

  /** Puts a part beneath the last ones of some columns. */
  const place = (own: Omit<Part, "after">, above: Iterable<number>): number => {
    const after = [...new Set(above)].map((part) => ({ part, gap: own.block === null || parts[part]!.block === null ? gap / 2 : gap }));
    return parts.push({ ...own, after }) - 1;
  };
  /** `lowest`: of each column the part that the next one comes beneath. */
  function lay(items: readonly Item[], lowest: Map<number, number>): void {
    for (const { blocks: some, group } of items) {
      const columns = columnsOf(some, ranks);
      const above = columns.flatMap((rank) => lowest.get(rank) ?? []);
      let last: number;
      if (group === null) {
        last = place({ block: some[0]!.id, over: 0, under: 0 }, above);
        for (const frame of open) {
          parts[last]!.after.push({ part: frame.edge, gap: frame.reach.over });
          frame.members.push(last);
        }
      } else {
        const own = reach(group);
        const edge = place({ block: null, over: own.over, under: 0 }, above);
        open.push({ edge, reach: own, members: [] });
        lay(itemsIn(some, around, group.depth + 1, heights), new Map());
        const { members } = open.pop()!;
        last = parts.push({ block: null, over: 0, under: own.under, after: members.map((part) => ({ part, gap: own.under })) }) - 1;
      }
      for (const rank of columns) lowest.set(rank, last);
    }
  }
  lay(itemsIn(blocks, around, 0, heights), new Map());
  return { parts, rows: rowsOf(parts) };
}

/** Where each block begins, its head with it, and how much height all take. */
export function stacked({ parts }: Stack, sizeOf: (block: string) => number, top: number, room: number): { readonly tops: ReadonlyMap<string, number>; readonly room: number } {
  const sizes = parts.map(({ block }) => (block === null ? 0 : sizeOf(block)));
  const early: number[] = [];
  for (const [k, { over, after }] of parts.entries()) early[k] = after.reduce((most, { part, gap }) => Math.max(most, early[part]! + sizes[part]! + gap), -over);
  const whole = parts.reduce((most, { under }, k) => Math.max(most, early[k]! + sizes[k]! - under), room);
  const late = parts.map(({ under }, k) => whole + under - sizes[k]!);
  for (let k = parts.length - 1; k >= 0; k--) for (const { part, gap } of parts[k]!.after) late[part] = Math.min(late[part]!, late[k]! - gap - sizes[part]!);
  return { tops: new Map(parts.flatMap(({ block }, k) => (block === null ? [] : [[block, top + (early[k]! + late[k]!) / 2] as const]))), room: whole };
}

/** The longest row through each block: of blocks, and of the room that is no block's. */
function rowsOf(parts: readonly Part[]): Stack["rows"] {
  const above = parts.map(({ over }) => ({ count: 0, between: -over }));
  const below = parts.map(({ under }) => ({ count: 0, between: -under }));
  const one = (part: Part): number => (part.block === null ? 0 : 1);
  for (const [k, { after }] of parts.entries()) {
    for (const { part, gap } of after) {
      above[k]!.count = Math.max(above[k]!.count, above[part]!.count + one(parts[part]!));
      above[k]!.between = Math.max(above[k]!.between, above[part]!.between + gap);
    }
  }
  for (let k = parts.length - 1; k >= 0; k--) {
    for (const { part, gap } of parts[k]!.after) {
      below[part]!.count = Math.max(below[part]!.count, below[k]!.count + one(parts[k]!));
      below[part]!.between = Math.max(below[part]!.between, below[k]!.between + gap);
    }
  }
  return new Map(parts.flatMap(({ block }, k) => (block === null ? [] : [[block, { count: 1 + above[k]!.count + below[k]!.count, between: above[k]!.between + below[k]!.between }] as const])));
}

/** The blocks and the frames of this depth around them, those that give to what is above first. */
function itemsIn(blocks: readonly Block[], around: Nest["around"], depth: number, heights: ReadonlyMap<string, number>): Item[] {
  const held = new Map<Unfolded | Block, Block[]>();
  for (const block of blocks) added(held, around.get(block.id)![depth] ?? block, block);
  const items = [...held].map(([key, some]): Item => ({ blocks: some, group: "layers" in key && "depth" in key ? key : null, height: mean(some.map(({ id }) => heights.get(id)!))! }));
  return items.sort((a, b) => a.height - b.height);
}

const columnsOf = (blocks: readonly Block[], ranks: ReadonlyMap<string, number>): number[] => {
  const own = blocks.map(({ id }) => ranks.get(id)!);
  const [first, last] = [Math.min(...own), Math.max(...own)];
  return Array.from({ length: last - first + 1 }, (_, k) => first + k);
};

/** How high each block stands in its column, 0 above and 1 beneath: near those that it takes from, or that take from it where fewer lines cross then. */
export function heightsOf(blocks: readonly Block[], ranks: ReadonlyMap<string, number>): Map<string, number> {
  const columns: Block[][] = [];
  const takers = new Map<string, string[]>();
  for (const block of blocks) {
    (columns[ranks.get(block.id)!] ??= []).push(block);
    for (const id of block.takes) added(takers, id, block.id);
  }
  const heights = new Map<string, number>();
  const stand = (column: readonly Block[]): void => {
    for (const [k, { id }] of column.entries()) heights.set(id, (k + 0.5) / column.length);
  };
  for (const column of columns) stand(inOrder(column, ({ takes }) => mean(takes.flatMap((id) => heights.get(id) ?? [])) ?? 0));
  const forward = new Map(heights);
  for (const column of columns.toReversed()) {
    const wished = inOrder(
      inOrder(column, ({ id }) => heights.get(id)!),
      ({ id }) => mean((takers.get(id) ?? []).map((taker) => (ranks.get(taker)! > ranks.get(id)! + 1 ? PAST : heights.get(taker)!))) ?? heights.get(id)!,
    );
    // The network's inputs keep their author's order.
    const inputs = column.filter(isInput);
    stand(wished.map((block) => (isInput(block) ? inputs.shift()! : block)));
  }
  return crossings(blocks, ranks, heights) < crossings(blocks, ranks, forward) ? heights : forward;
}

/** Lines past others run beneath them. */
const PAST = 1.5;

const isInput = (block: Block): boolean => block.sort === "body" && block.layer === null;

/** How many pairs of lines cross on their way from one column to the next. */
function crossings(blocks: readonly Block[], ranks: ReadonlyMap<string, number>, heights: ReadonlyMap<string, number>): number {
  const between: (readonly [number, number])[][] = [];
  for (const { id, takes } of blocks) {
    for (const taken of takes) {
      const [from, to] = [ranks.get(taken)!, ranks.get(id)!];
      const isNext = to === from + 1;
      (between[from] ??= []).push([heights.get(taken)!, isNext ? heights.get(id)! : PAST]);
      if (!isNext) (between[to - 1] ??= []).push([PAST, heights.get(id)!]);
    }
  }
  return between.reduce((sum, lines) => sum + inversions(lines.sort(([a, b], [c, d]) => a - c || b - d).map(([, to]) => to)), 0);
}

/** How many pairs of these numbers have the larger one first. */
function inversions(numbers: readonly number[]): number {
  if (numbers.length < 2) return 0;
  const [before, after] = [numbers.slice(0, numbers.length >> 1), numbers.slice(numbers.length >> 1)];
  let count = inversions(before) + inversions(after);
  after.sort((a, b) => a - b);
  let smaller = 0;
  for (const each of before.sort((a, b) => a - b)) {
    while (smaller < after.length && after[smaller]! < each) smaller++;
    count += smaller;
  }
  return count;
}

const inOrder = (column: readonly Block[], wish: (block: Block) => number): Block[] => column.map((block) => ({ block, at: wish(block) })).sort((a, b) => a.at - b.at).map(({ block }) => block);

const mean = (numbers: readonly number[]): number | null => (numbers.length === 0 ? null : numbers.reduce((sum, each) => sum + each, 0) / numbers.length);
