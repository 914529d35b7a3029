import { boxOfShown, cellOfShown, cornerOf, grownIn, isUnread, planBody, shownAt, shownOf, wideDims, type BodyPlan } from "../bodies/plan";
import { KERNELS } from "../links/kernels";
import { apart, pastRoom } from "../links/lines";
import { isMoves, type Block, type BodyBlock, type CardBlock, type Unfolded } from "./blocks";
import { ranksOf } from "./ranks";
import { added, heightsOf, nestOf, stacked, stackOf, type Nest, type Reach, type Stack } from "./stacking";
import { sidesOf } from "./starting";
import type { Box, PlacedBody, Point } from "./types";

/** Where everything stands: columns by the longest way from the inputs, branches one above the other. */

export interface PlacedBlock {
  readonly block: Block;
  readonly box: Box;
  /** Which column, from 0. */
  readonly rank: number;
  /** How wide what is written over it may be. */
  readonly room: number;
  /** How many of its largest numbers are written beneath it. */
  readonly told: number;
  /** The room beneath it for what is told there. */
  readonly foot: number;
}

/** A body with what its values are drawn by. */
export interface Standing extends PlacedBody {
  readonly block: BodyBlock;
  readonly plan: BodyPlan;
}

/** The frame around what was unfolded. */
export interface GroupFrame {
  readonly group: Unfolded;
  readonly box: Box;
  /** The groups whose titles stand in it, outer ones first, and how much of its width they have. */
  readonly titles: readonly Unfolded[];
  readonly room: number;
}

export interface Layout {
  readonly groups: readonly GroupFrame[];
  readonly width: number;
  readonly height: number;
  /** The room over each body for its name, kind and shape; where it is LOW_HEAD, for name and kind, where it is LEAST_HEAD, for the name. */
  readonly head: number;
  readonly blocks: readonly PlacedBlock[];
  readonly bodies: readonly Standing[];
  readonly cards: readonly (PlacedBlock & { readonly block: CardBlock })[];
  readonly columns: readonly Box[];
}

export interface Frame {
  /** The diagram's room, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
  /** How many times larger than usual all text is. */
  readonly text?: number;
  /** One column fills the width, its neighbours peek in. */
  readonly narrow: boolean;
  /** Of bodies whose one panel is opened: which, by the body's block. */
  readonly opened: ReadonlyMap<string, number>;
  /** Summaries that show the largest number of each block, by the body's block; the others show the mean. */
  readonly largest?: ReadonlySet<string>;
  /** The tensors that the network gives. */
  readonly ends?: ReadonlySet<string>;
  /** Of each tensor how wide the words are that its dimensions follow, in pixels. */
  readonly follows?: (tensor: string) => readonly (number | null)[];
}

/** Room over a body for its name, kind and shape; for its name and kind, where branches one above the other fit a low screen so; for its name. */
const HEAD = 74;
export const LOW_HEAD = 40;
export const LEAST_HEAD = 24;
/** Over the heads: the places where a layer is added. */
const TOP = 26;
const FOOT = 22;
/** On both sides names stand beside the network. */
const MARGIN = { least: 24, most: 28 };
const LANE_GAP = 16;
/** How close what stands one above the other may come: `body` is the least height of each. */
interface Closeness {
  readonly head: number;
  readonly body: number;
  readonly gap: number;
  readonly top: number;
}
const USUAL: Closeness = { head: HEAD, body: 64, gap: LANE_GAP, top: TOP };
const LOW: Closeness = { ...USUAL, head: LOW_HEAD, body: 40 };
/** On a phone that lies nothing is added between columns: layers' menus do that. */
const LEAST: Closeness = { head: LEAST_HEAD, body: 26, gap: 6, top: 2 };
const LOW_SCREEN = 320;
/** How thick a line is, at most. */
const LINE = 2;
/** And half of the button to add a layer on it, where there is room for one. */
const ON_LINE = 12;
/** Room over the heads for the title of each group that they stand in. */
const TITLE = 24;
/** From a frame to what stands in it, and what a frame in it keeps from it. */
const PAD = { beside: 14, within: 5, over: 10 };
/** Of frames whose titles share one line, from one's upper edge to the next one's. */
const NESTED = 3;
export const CARD = { width: 156, height: 128, least: 44 };
/** Room for the picture of what is in it, where there is as much. */
const FACE = { most: 112, least: 74 };
const MOVES_CARD = { width: 104, height: 62 };
const GAP = { least: 60, most: 190, bare: 8, kernel: 24 };
/** In pixels, or as a part of a large screen. */
const WIDEST = 250;
const WIDEST_PART = 0.23;
/** Room for a column's name, where there is plenty and where there is little. */
const LEAST_WIDTH = { most: 84, least: 44 };
/** Beneath many outputs: a heading and a line for each of the largest, and how wide they are; how many for how much height. */
const TOLD = { heading: 18, line: 24, least: 136 };
const toldIn = (height: number): number => (height >= 300 ? 5 : height >= 170 ? 3 : 1);
/** Gaps that take all the room there is add up to it but for their last digits. */
const ROUNDED = 0.01;
/** How far columns may be squeezed, and then all be made smaller, before they are scrolled. */
const SQUEEZES = [1, 0.85, 0.72, 0.6, 0.5, 0.42];
const SHRINKS = [1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.64, 0.58, 0.53, 0.48, 0.44, 0.4, 0.36, 0.32];
/** Kinds that leave the numbers in their order. */
const MOVES_IN_ORDER = new Set(["reshape", "flatten", "view", "squeeze"]);

export function layout(blocks: readonly Block[], groups: readonly Unfolded[], frame: Frame): Layout {
  const nest = nestOf(blocks, groups);
  const ranks = ranksOf(blocks, nest);
  const columns: Block[][] = [];
  for (const block of blocks) (columns[ranks.get(block.id)!] ??= []).push(block);
  const levels = Math.max(0, ...groups.map(({ depth }) => depth + 1));
  // Where titles one over the other would leave too little for what they are of, they stand in one line.
  const oneLine = levels > 1 && frame.height - FOOT - HEAD - TOP - TITLE * levels < CARD.height;
  const titles = oneLine ? TITLE + NESTED * (levels - 1) : TITLE * levels;
  const foot = Math.max(FOOT, footOf(blocks, ranks, frame.narrow || frame.height < LOW_SCREEN ? LINE : ON_LINE));
  const beside = framesBeside(blocks, ranks, columns.length, nest);
  const heights = heightsOf(blocks, ranks);
  const stacks = new Map<number, Stack>();
  const aroundOf = (close: Closeness): Around & { readonly need: number } => {
    const stack = stacks.get(close.gap) ?? stackOf(blocks, ranks, heights, nest, reachOf(nest, oneLine), close.gap);
    stacks.set(close.gap, stack);
    const need = Math.max(...[...stack.rows.values()].map(({ count, between }) => (count > 1 ? count * (close.head + close.body) + between : 0)));
    return { ...close, title: close.top + titles, foot, stack, oneLine, frames: beside, need };
  };
  const usual = { ...USUAL, head: Math.round(HEAD * (frame.text ?? 1)) };
  const ways = (frame.height < LOW_SCREEN ? [usual, LOW, LEAST] : [usual, LOW]).map(aroundOf);
  const around = ways.find(({ title, need }) => title + need + foot <= frame.height) ?? (frame.height < LOW_SCREEN ? ways.at(-1)! : ways[0]!);
  const tried = new Map<string, Placed>();
  const at = (squeeze: number, scale: number, zoom: number): Placed => {
    const key = `${squeeze} ${scale} ${zoom}`;
    const found = tried.get(key) ?? placed(columns, { ...frame, scale, zoom }, around, squeeze);
    tried.set(key, found);
    return found;
  };
  const fits = (squeeze: number, scale: number): boolean => at(squeeze, scale, 1).width <= frame.width + ROUNDED;
  const squeeze = frame.narrow ? 1 : (firstOf(SQUEEZES, (each) => fits(each, 1)) ?? SQUEEZES.at(-1)!);
  const shrink = frame.narrow ? 1 : (firstOf(SHRINKS, (each) => fits(squeeze, each)) ?? 1);
  const found = at(squeeze, frame.scale * shrink, frame.scale);
  return {
    ...found,
    head: around.head,
    groups: titled(framesIn(nest, found, around), oneLine),
    bodies: found.blocks.flatMap(({ block, box }) => (block.sort === "body" ? [standing(block, found.plans.get(block.id)!, box)] : [])),
    cards: found.blocks.filter((each): each is PlacedBlock & { block: CardBlock } => each.block.sort === "card"),
  };
}

/** The first that fits. The last is the tightest: where not even that one fits, as in a long network, no other is tried. */
function firstOf(sizes: readonly number[], fits: (size: number) => boolean): number | undefined {
  if (fits(sizes[0]!)) return sizes[0];
  return fits(sizes.at(-1)!) ? sizes.find(fits) : undefined;
}

/** Whether a kernel is drawn right before each of its maps: each of these is made of one alone. */
const showsKernels = (block: Block): boolean => block.sort === "body" && ["conv1d", "conv2d"].includes(block.layer?.kind ?? "") && block.layer!.parameters.some(({ name, shape }) => name.endsWith(".weights") && shape[1] === 1);

const hasKernel = (block: Block): boolean => block.sort === "body" && (block.layer?.kind.startsWith("conv") ?? false);

interface Placed extends Pick<Layout, "width" | "height" | "blocks" | "columns"> {
  readonly plans: ReadonlyMap<string, BodyPlan>;
}

/** At a scale which is smaller than was asked for where all of the network has to fit. */
type Zoomed = Frame & { readonly zoom: number };

/** What stands over and beneath the bodies, and how close they come. */
interface Around extends Closeness {
  readonly title: number;
  readonly foot: number;
  readonly stack: Stack;
  /** Whether frames' titles share one line. */
  readonly oneLine: boolean;
  readonly frames: readonly Beside[];
}

/** How far the frames that begin at a column, and those that end with it, reach beyond it. */
interface Beside {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The room beneath the bodies for the lines that reach a block past others, one beneath the other. */
function footOf(blocks: readonly Block[], ranks: ReadonlyMap<string, number>, beneath: number): number {
  /** How many blocks stand before each rank. */
  const before = [0];
  for (const rank of ranks.values()) before[rank + 1] = (before[rank + 1] ?? 0) + 1;
  for (let rank = 1; rank < before.length; rank++) before[rank] = (before[rank] ?? 0) + before[rank - 1]!;
  const lines = blocks.flatMap(({ id, takes }) => {
    const to = ranks.get(id)!;
    return takes.flatMap((taken) => {
      const from = ranks.get(taken) ?? to;
      const passed = before[to]! - before[from + 1]!;
      return passed > 0 ? [{ of: taken, from, to, low: pastRoom(passed) }] : [];
    });
  });
  return lines.length > 0 ? Math.max(...apart(lines)) + beneath : 0;
}

function placed(columns: readonly (readonly Block[])[], frame: Zoomed, { title, foot: beneath, head: usual, body: lowest, stack, oneLine, frames }: Around, squeeze: number): Placed {
  const { scale, narrow } = frame;
  const margin = Math.max(MARGIN.least, Math.min(MARGIN.most, 0.028 * frame.width));
  const room = Math.max(120, frame.height - beneath - title);
  const widest = narrow ? frame.width * 0.72 : Math.max(WIDEST, WIDEST_PART * frame.width) * squeeze;
  const bodies = new Map(columns.flatMap((column) => column.flatMap((block) => (block.sort === "body" ? [[block.id, block] as const] : []))));
  const sized = columns.map((column) =>
    column.map((block) => {
      const { count, between } = stack.rows.get(block.id)!;
      // Beside bodies cards stand at their height; where several share a column they do without the room of a head.
      const own = block.sort === "card" && count > 1 && !oneLine ? PAD.over : usual;
      return { block, head: own, ...sizeOfBlock(block, bodies, { ...frame, height: Math.max(lowest, (room - between) / count - own), width: widest }) };
    }),
  );
  const least = narrow ? frame.width * 0.4 : Math.max(LEAST_WIDTH.most * Math.max(0.62, squeeze) * Math.min(1, scale), LEAST_WIDTH.least);
  const widths = sized.map((column) => Math.max(...column.map(({ width, told }) => (told > 0 ? Math.max(width, TOLD.least) : width)), least));
  const free = frame.width - 2 * margin - widths.reduce((sum, width) => sum + width, 0);
  const gaps = narrow ? columns.map((_, rank) => (rank === 0 ? 0 : Math.max(frame.width * 0.08, lineRoom(frames[rank - 1]!.after, frames[rank]!.before)))) : gapsOf(columns, frames, free, scale, squeeze);
  const sizes = new Map(sized.flatMap((column) => column.map(({ block, head, height, foot }) => [block.id, head + height + foot] as const)));
  const { tops, room: stackRoom } = stacked(stack, (id) => sizes.get(id)!, title, frame.height - beneath - title);
  const height = Math.max(frame.height, title + stackRoom + beneath);
  const width = widths.reduce((sum, each, rank) => sum + each + gaps[rank]!, 2 * margin);
  let x = narrow ? (frame.width - widths[0]!) / 2 : margin + Math.max(0, (frame.width - width) / 2);
  const blocks: PlacedBlock[] = [];
  const plans = new Map<string, BodyPlan>();
  const boxes: Box[] = [];
  for (const [rank, column] of sized.entries()) {
    boxes.push({ x, y: 0, width: widths[rank]!, height });
    const { before, after } = frames[rank]!;
    // What is written over it reaches into half of a gap, and over no frame.
    const beside = Math.min((gaps[rank] || 2 * margin) / 2, (gaps[rank + 1] ?? 2 * margin) / 2, ...before, ...after) - 4;
    for (const { block, head, plan, told, foot, ...size } of column) {
      // On whole pixels: what is painted between two of them is blurred.
      const box = { x: Math.round(x + (widths[rank]! - size.width) / 2), y: Math.round(tops.get(block.id)! + head), width: size.width, height: size.height };
      blocks.push({ block, box, rank, room: widths[rank]! + 2 * beside, told, foot });
      if (plan) plans.set(block.id, plan);
    }
    x += widths[rank]! + (gaps[rank + 1] ?? 0);
  }
  return { width: narrow ? x + (frame.width - widths.at(-1)!) / 2 : width <= frame.width + ROUNDED ? frame.width : width, height, blocks, columns: boxes, plans };
}

/** The room before each column: as even as it may be, a kernel's before the maps that it makes, and that of the frames between both. */
function gapsOf(columns: readonly (readonly Block[])[], frames: readonly Beside[], free: number, scale: number, squeeze: number): number[] {
  const least = columns.map((column, rank) => (rank === 0 ? 0 : Math.max(column.some(hasKernel) ? GAP.kernel : GAP.bare, lineRoom(frames[rank - 1]!.after, frames[rank]!.before))));
  const share = free / Math.max(1, columns.length - 1);
  const wider = least.slice(1).filter((each) => each > share);
  const rest = (free - wider.reduce((sum, each) => sum + each, 0)) / Math.max(1, columns.length - 1 - wider.length);
  const even = Math.max(GAP.least * squeeze * Math.min(1.5, scale), Math.min(GAP.most * scale, rest));
  return least.map((each, rank) => (rank === 0 ? 0 : Math.max(each, even)));
}

/** The room between two columns of which one or both have frames: neither these nor what is written over the other column meet. */
function lineRoom(after: readonly number[], before: readonly number[]): number {
  const [left, right] = [Math.max(0, ...after), Math.max(0, ...before)];
  const most = Math.max(left, right);
  return most === 0 ? 0 : left + right + Math.max(PAD.over, most - 8);
}

const padOf = (levels: number): number => PAD.beside + PAD.within * levels;

/** Of each column, the frames that begin at it and end with it. */
function framesBeside(blocks: readonly Block[], ranks: ReadonlyMap<string, number>, columns: number, { around, levels }: Nest): Beside[] {
  const ends = new Map<Unfolded, [first: number, last: number]>();
  for (const { id } of blocks) {
    const rank = ranks.get(id)!;
    for (const group of around.get(id)!) {
      const [first, last] = ends.get(group) ?? [rank, rank];
      ends.set(group, [Math.min(first, rank), Math.max(last, rank)]);
    }
  }
  const found = Array.from({ length: columns }, () => ({ before: [] as number[], after: [] as number[] }));
  for (const [group, [first, last]] of ends) {
    const pad = padOf(levels.get(group)!);
    found[first]!.before.push(pad);
    found[last]!.after.push(pad);
  }
  return found;
}

/** How far frames reach over heads and under bodies, with room for the frames within them. */
function reachOf({ levels }: Nest, oneLine: boolean): Reach {
  return (group) => {
    const within = levels.get(group)!;
    return { over: TITLE + (oneLine ? NESTED : TITLE) * within - 4, under: 8 + 4 * within };
  };
}

/** The frame around all that stands in each group, with room for the frames within it; none where all of it is in another's card. */
function framesIn(nest: Nest, found: Placed, around: Around): Pick<GroupFrame, "group" | "box">[] {
  const held = new Map<Unfolded, PlacedBlock[]>();
  for (const each of found.blocks) for (const group of nest.around.get(each.block.id)!) added(held, group, each);
  return nest.groups.flatMap((group) => {
    const inside = held.get(group);
    return inside ? [{ group, box: frameAround(inside, padOf(nest.levels.get(group)!), reachOf(nest, around.oneLine)(group), found, around) }] : [];
  });
}

function frameAround(inside: readonly PlacedBlock[], pad: number, reach: ReturnType<Reach>, { columns }: Placed, { head, oneLine, frames: beside }: Around): Box {
  // Names reach over what is narrower than its column.
  const around = inside.map(({ rank }) => columns[rank]!);
  const first = Math.min(...inside.map(({ rank }) => rank));
  const left = columns[first]!.x - Math.max(pad, kernelRoom(inside, first, columns, beside) + pad - PAD.within);
  const right = Math.max(...around.map(({ x, width }) => x + width)) + pad;
  // A card has no head over it. Where titles share a line, all frames are as high as for heads.
  const top = Math.min(...inside.map(({ block, box }) => box.y - (block.sort === "card" && !oneLine ? PAD.over : head))) - reach.over;
  const bottom = Math.max(...inside.map(({ box, foot }) => box.y + box.height + foot)) + reach.under;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** Kernels stand in the room before their maps, and within the frame; as far as the frames of the column before leave it. */
function kernelRoom(inside: readonly PlacedBlock[], first: number, columns: readonly Box[], beside: readonly Beside[]): number {
  if (first === 0 || !inside.some(({ block, rank }) => rank === first && showsKernels(block))) return 0;
  const { x, width } = columns[first - 1]!;
  const free = columns[first]!.x - x - width;
  return Math.min(KERNELS * free, free - Math.max(0, ...beside[first - 1]!.after) - 2 * PAD.over);
}

/** Each frame with its own title; in one line, what begins together has its titles together, and none reaches over the next. */
function titled(frames: readonly Pick<GroupFrame, "group" | "box">[], oneLine: boolean): GroupFrame[] {
  if (!oneLine) return frames.map((frame) => ({ ...frame, titles: [frame.group], room: frame.box.width }));
  const first = ({ layers }: Unfolded): number => Math.min(...layers);
  return frames.map(({ group, box }) => {
    const within = frames.filter((each) => each.group.depth > group.depth && group.layers.has(first(each.group)));
    const around = frames.filter((each) => each.group.depth <= group.depth && first(each.group) === first(group)).map((each) => each.group);
    const titles = within.some((each) => first(each.group) === first(group)) ? [] : around;
    return { group, box, titles, room: Math.min(box.width, ...within.map((each) => each.box.x - box.x)) };
  });
}

/** The side of the picture that a row was: what is put in, and what a picture was laid out in, are seen as it. */
function rowsPicture({ layer, takes, tensor: { shape } }: BodyBlock, bodies: ReadonlyMap<string, BodyBlock>): number | null {
  if (wideDims(shape).length !== 1) return null;
  const side = sidesOf(Math.max(...shape));
  if (layer === null || side === null) return shape.length === 1 ? side : null;
  const giver = MOVES_IN_ORDER.has(layer.kind) ? bodies.get(takes[0] ?? "") : undefined;
  if (!giver) return null;
  const before = wideDims(giver.tensor.shape).map((k) => giver.tensor.shape[k]);
  return before.length === 1 ? rowsPicture(giver, bodies) : before.every((size) => size === side) && before.length === 2 ? side : null;
}

interface Size {
  readonly width: number;
  readonly height: number;
  readonly plan: BodyPlan | null;
  readonly told: number;
  /** The room beneath it for what is told there. */
  readonly foot: number;
}

function sizeOfBlock(block: Block, bodies: ReadonlyMap<string, BodyBlock>, { height, width, scale, zoom, narrow, opened, largest, ends, follows }: Zoomed): Size {
  if (block.sort === "card") {
    const card = isMoves(block) ? MOVES_CARD : CARD;
    const grown = grownIn({ height, width });
    const room = Math.min(FACE.most * grown, height - card.height);
    const face = block.faces.length > 0 && room >= FACE.least ? room : 0;
    return { width: card.width * (face > 0 ? grown : 1) * Math.min(1, Math.max(0.9, scale)), height: face + Math.min(card.height, Math.max(CARD.least, height)), plan: null, told: 0, foot: 0 };
  }
  const { tensor, layer, id } = block;
  const picture = rowsPicture(block, bodies);
  const isEnd = ends?.has(tensor.name) ?? false;
  const wish = { picture, opened: opened.get(id) ?? null, largest: largest?.has(id) ?? false, numbered: layer === null || isEnd, whole: !/float/.test(tensor.dtype), ...(follows && { follows: follows(tensor.name) }) };
  const told = layer !== null && isEnd && isUnread(tensor.shape) ? toldIn(height) : 0;
  const foot = told > 0 ? TOLD.heading + TOLD.line * told : 0;
  const plan = planBody(tensor.shape, { height: height - foot, width, scale, zoom, alone: narrow }, wish);
  return { width: plan.width, height: plan.height, plan, told, foot };
}

function standing(block: BodyBlock, plan: BodyPlan, box: Box): Standing {
  return {
    ...{ index: block.index, tensor: block.tensor, box, block, plan, isWhole: plan.by === null },
    corner: (cell) => cornerOf(plan, block.layer === null, cell),
    cellBox(at: readonly number[]): Box | null {
      const shown = shownOf(plan, at);
      const within = shown === null ? null : boxOfShown(plan, shown);
      return within && { x: box.x + within.x, y: box.y + within.y, width: within.width, height: within.height };
    },
    cellAt({ x, y }: Point): readonly number[] | null {
      const shown = shownAt(plan, { x: x - box.x, y: y - box.y });
      return shown === null ? null : cellOfShown(plan, block.tensor.shape, shown);
    },
  };
}
