import { boxOfShown, planBody, shownAt, shownOf, wideDims, type BodyPlan } from "../bodies/plan";
import { indexOf } from "./cells";
import type { Block, BodyBlock, CardBlock } from "./blocks";
import { sidesOf } from "./starting";
import type { Box, PlacedBody, Point } from "./types";

/** Where everything stands: columns by the longest way from the inputs, branches one above the other. */

export interface PlacedBlock {
  readonly block: Block;
  readonly box: Box;
  /** Which column, from 0. */
  readonly rank: number;
}

/** A body with what its values are drawn by. */
export interface Standing extends PlacedBody {
  readonly block: BodyBlock;
  readonly plan: BodyPlan;
}

export interface Layout {
  readonly width: number;
  readonly height: number;
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
  /** One column fills the width, its neighbours peek in. */
  readonly narrow: boolean;
  /** Of bodies whose one panel is opened: which, by the body's block. */
  readonly opened: ReadonlyMap<string, number>;
}

/** Room over a body for its name, kind and shape. */
export const HEAD = 58;
const FOOT = 22;
const MARGIN = 28;
const LANE_GAP = 18;
const CARD = { width: 156, height: 104 };
const GAP = { least: 64, most: 190 };
const WIDEST = 240;
const LEAST_WIDTH = 92;

export function layout(blocks: readonly Block[], frame: Frame): Layout {
  const { scale, narrow } = frame;
  const ranks = ranksOf(blocks);
  const columns: Block[][] = [];
  for (const block of blocks) (columns[ranks.get(block.id)!] ??= []).push(block);
  const room = Math.max(120, frame.height - FOOT);
  const widest = narrow ? frame.width * 0.72 : WIDEST;
  const sized = columns.map((column) => {
    const each = room / column.length - HEAD - (column.length > 1 ? LANE_GAP : 0);
    return column.map((block) => sizeOfBlock(block, { ...frame, height: Math.max(64, each), width: widest }));
  });
  const widths = sized.map((column) => Math.max(...column.map(({ width }) => width), narrow ? frame.width * 0.72 : LEAST_WIDTH));
  const free = (frame.width - 2 * MARGIN - widths.reduce((sum, width) => sum + width, 0)) / Math.max(1, widths.length - 1);
  const gap = narrow ? frame.width * 0.06 : Math.max(GAP.least * Math.min(1, scale), Math.min(GAP.most * scale, free));
  const heights = sized.map((column) => column.reduce((sum, { height }) => sum + height + HEAD + LANE_GAP, -LANE_GAP));
  const height = Math.max(frame.height, ...heights.map((each) => each + FOOT));
  const width = widths.reduce((sum, each) => sum + each + gap, 2 * MARGIN - gap);
  let x = narrow ? frame.width * 0.14 : MARGIN + Math.max(0, (frame.width - width) / 2);
  const placed: PlacedBlock[] = [];
  const plans = new Map<string, BodyPlan>();
  const middles = new Map<string, number>();
  const boxes: Box[] = [];
  for (const [rank, column] of columns.entries()) {
    const order = column.map((block, k) => ({ block, ...sized[rank]![k]! }));
    order.sort((a, b) => meanOf(a.block, middles) - meanOf(b.block, middles));
    let y = Math.max(0, (height - FOOT - heights[rank]!) / 2);
    boxes.push({ x, y: 0, width: widths[rank]!, height });
    for (const { block, plan, ...size } of order) {
      const box = { x: x + (widths[rank]! - size.width) / 2, y: y + HEAD, width: size.width, height: size.height };
      placed.push({ block, box, rank });
      if (plan) plans.set(block.id, plan);
      middles.set(block.id, box.y + box.height / 2);
      y += HEAD + size.height + LANE_GAP;
    }
    x += widths[rank]! + gap;
  }
  return {
    ...{ width: narrow ? x - gap + frame.width * 0.14 : Math.max(width, frame.width), height, blocks: placed, columns: boxes },
    bodies: placed.flatMap(({ block, box }) => (block.sort === "body" ? [standing(block, plans.get(block.id)!, box)] : [])),
    cards: placed.filter((each): each is PlacedBlock & { block: CardBlock } => each.block.sort === "card"),
  };
}

const meanOf = ({ takes }: Block, middles: ReadonlyMap<string, number>): number => {
  const known = takes.flatMap((id) => middles.get(id) ?? []);
  return known.length === 0 ? 0 : known.reduce((sum, y) => sum + y, 0) / known.length;
};

/** The longest way to each block; one that takes from none stands right before the first that takes from it. */
function ranksOf(blocks: readonly Block[]): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const { id, takes } of blocks) ranks.set(id, takes.length === 0 ? 0 : 1 + Math.max(...takes.map((taken) => ranks.get(taken) ?? 0)));
  for (const block of [...blocks].reverse()) {
    if (block.takes.length > 0 || (block.sort === "body" && block.layer === null)) continue;
    const takers = blocks.filter(({ takes }) => takes.includes(block.id)).map(({ id }) => ranks.get(id)!);
    if (takers.length > 0) ranks.set(block.id, Math.max(0, Math.min(...takers) - 1));
  }
  return ranks;
}

function sizeOfBlock(block: Block, { height, width, scale, opened }: Frame): { width: number; height: number; plan: BodyPlan | null } {
  if (block.sort === "card") return { width: CARD.width * Math.min(1, Math.max(0.7, scale)), height: CARD.height, plan: null };
  const { tensor, layer, id } = block;
  const picture = layer === null && wideDims(tensor.shape).length === 1 ? sidesOf(Math.max(...tensor.shape)) : null;
  const plan = planBody(tensor.shape, { height, width, scale }, { picture, opened: opened.get(id) ?? null });
  return { width: plan.width, height: plan.height, plan };
}

function standing(block: BodyBlock, plan: BodyPlan, box: Box): Standing {
  return {
    ...{ index: block.index, tensor: block.tensor, box, block, plan },
    cellBox(at: readonly number[]): Box | null {
      const shown = shownOf(plan, at);
      const within = shown === null ? null : boxOfShown(plan, shown);
      return within && { x: box.x + within.x, y: box.y + within.y, width: within.width, height: within.height };
    },
    cellAt({ x, y }: Point): readonly number[] | null {
      if (plan.by !== null) return null;
      const shown = shownAt(plan, { x: x - box.x, y: y - box.y });
      return shown === null ? null : indexOf(shown, plan.shape).map((place, k) => place + (plan.region?.[k]?.[0] ?? 0));
    },
  };
}
