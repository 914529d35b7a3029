import type { Spot } from "../layers/spot";
import { gapsOf, type Gap } from "../links/gaps";
import { pointOf } from "../links/kinds";
import { LEAST_HEAD, type Layout, type PlacedBlock } from "./place";
import type { Box, LayerOutline, Outline, Point } from "./types";

/** Where a layer is added: between a block's column and the next one, where there is room for a button; elsewhere the layer's menu does the same. */
export interface AddPoint {
  readonly spot: Spot;
  readonly x: number;
  readonly y: number;
  /** On one line of several: to whom that leads. */
  readonly to?: string;
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
    if (box.y > tops[rank]!) return [];
    const [column, next] = [columns[rank]!, columns[rank + 1]];
    const from = column.x + column.width;
    const to = next?.x ?? Math.max(width, seen);
    if (to - from < LEAST_GAP) return [];
    const after = block.sort === "body" ? block.index - 1 : block.layers.at(-1)!.index;
    const spot = { after, ...(block.sort === "body" && after < 0 && inputs.length > 1 && { input: block.tensor.name }) };
    const x = next ? (from + to) / 2 : from + LEAST_GAP / 2;
    // Over the heads on both sides, which may fill the gap, and over the frames around it.
    const frames = groups.filter((each) => each.box.x < x && x < each.box.x + each.box.width).map((each) => each.box.y - OVER_FRAME);
    return [[block.id, { spot, x, y: Math.max(0, Math.min(Math.min(box.y, tops[rank + 1] ?? Infinity) - head - ADD, ...frames)) }]];
  });
  const row = Math.min(...found.map(([, { y }]) => y));
  return new Map(found.map(([id, point]) => [id, { ...point, y: row }]));
}

/** Of more lines than these none has a button: each is kept clear of all others. */
const MOST_LINES = 300;

/** On the lines to one of several who take the same, as on both ways of a residual connection: where nothing else stands. */
export function branchPlaces(layout: Layout, outline: Outline, titleOf: (tensor: string) => string): Map<string, AddPoint[]> {
  const found = new Map<string, AddPoint[]>();
  if (layout.head === LEAST_HEAD) return found;
  const takers = new Map<string, number[]>();
  for (const { index, takes } of outline.layers) for (const tensor of new Set(takes)) takers.set(tensor, [...(takers.get(tensor) ?? []), index]);
  const taken = layout.blocks.map(({ block, box }): Box => (block.sort === "body" ? { ...box, y: box.y - layout.head, height: box.height + layout.head } : box));
  const gaps = gapsOf(layout);
  if (gaps.length > MOST_LINES) return found;
  const middles = new Map(gaps.map((gap) => [gap, buttonAt(pointOf(gap, 0.5))]));
  for (const [gap, middle] of middles) {
    const spot = branchOf(gap, outline, takers);
    if (!spot) continue;
    // Where two lines cross it would be on both.
    const others = [...middles].flatMap(([other, box]) => (other === gap ? [] : [box]));
    const box = [middle, ...[0.3, 0.7].map((along) => buttonAt(pointOf(gap, along)))].find((box) => box.y + ADD <= layout.height && ![...taken, ...others].some((other) => meet(box, other)));
    if (!box) continue;
    taken.push(box);
    const point = { x: box.x + ADD / 2, y: box.y + ADD / 2 };
    const to = gap.to.block.sort === "body" ? titleOf(gap.to.block.tensor.name) : spot.into.map((index) => titleOf(outline.layers[index]!.activations.name)).join(", ");
    const { id } = gap.from.block;
    found.set(id, [...(found.get(id) ?? []), { spot, to, ...point }]);
  }
  return found;
}

const buttonAt = ({ x, y }: Point): Box => ({ x: x - ADD / 2, y: y - ADD / 2, width: ADD, height: ADD });

/** Of a line that one tensor takes, where others take it too: those it leads to. */
function branchOf({ from, to }: Gap, { inputs }: Outline, takers: ReadonlyMap<string, readonly number[]>): (Spot & { readonly into: readonly number[] }) | null {
  const given = new Map(givenBy(from).map(({ tensor, after }) => [tensor, after]));
  const layers = layersOf(to);
  const crossing = new Set(layers.flatMap(({ takes }) => takes).filter((tensor) => given.has(tensor)));
  const [tensor] = crossing;
  if (tensor === undefined || crossing.size > 1) return null;
  const into = layers.filter(({ takes }) => takes.includes(tensor)).map(({ index }) => index);
  const after = given.get(tensor)!;
  return into.length === takers.get(tensor)!.length ? null : { after, ...(after < 0 && inputs.length > 1 && { input: tensor }), into };
}

const layersOf = ({ block }: PlacedBlock): readonly LayerOutline[] => (block.sort === "card" ? block.layers : block.layer ? [block.layer] : []);

const givenBy = ({ block }: PlacedBlock): { tensor: string; after: number }[] =>
  block.sort === "body" ? [{ tensor: block.tensor.name, after: block.index - 1 }] : block.layers.map(({ index, activations }) => ({ tensor: activations.name, after: index }));

const meet = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
