import type { Layout } from "./place";
import type { Point } from "./types";

/** How large the diagram is drawn: at 1 as large as it has room. */

export const LEAST = 0.3;
export const MOST = 14;
const STEP = 1.25;

export const clamped = (scale: number): number => Math.min(MOST, Math.max(LEAST, scale));
export const stepped = (scale: number, direction: 1 | -1): number => {
  const next = clamped(scale * (direction > 0 ? STEP : 1 / STEP));
  // Steps in and out again lead back to the size that has room.
  return Math.abs(next - 1) < 0.06 ? 1 : next;
};

/** The block under a point, or the nearest to it, and where in it the point is: what stays there when the size changes. */
export interface Anchor {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

export function anchorAt({ blocks }: Layout, { x, y }: Point): Anchor | null {
  let [best, least] = [null as Anchor | null, Infinity];
  for (const { block, box } of blocks) {
    const [dx, dy] = [Math.max(box.x - x, 0, x - box.x - box.width), Math.max(box.y - y, 0, y - box.y - box.height)];
    const away = Math.hypot(dx, dy);
    if (away >= least) continue;
    least = away;
    best = { id: block.id, x: (x - box.x) / box.width, y: (y - box.y) / box.height };
  }
  return best;
}

/** Where an anchor is now. */
export function placeOfAnchor({ blocks }: Layout, anchor: Anchor): Point | null {
  const found = blocks.find(({ block }) => block.id === anchor.id);
  return found ? { x: found.box.x + anchor.x * found.box.width, y: found.box.y + anchor.y * found.box.height } : null;
}
