/** Where lines leave bodies and arrive at them. */
import { indexOf, sizeOf } from "../world/cells";
import type { Box, PlacedBody } from "../world/types";
import type { Flow } from "./lines";
import { around } from "./windows";

/**
 * Where each cell's edges leave a body or arrive at it, across the flow; null where cells have no places of their own. Cells that stand
 * side by side along the flow share the height of their row, so that none of their edges lies on another.
 */
export function endsOf({ tensor, box, isWhole, cellBox }: PlacedBody, flow: Flow): Float32Array | null {
  if (!isWhole) return null;
  const ends = new Float32Array(sizeOf(tensor.shape));
  const [along, length, across, width] = flow === "right" ? (["x", "width", "y", "height"] as const) : (["y", "height", "x", "width"] as const);
  for (let flat = 0; flat < ends.length; flat++) {
    const cell = cellBox(indexOf(flat, tensor.shape));
    if (!cell) return null;
    const part = box[length] > 0 ? (cell[along] + cell[length] / 2 - box[along]) / box[length] : 0.5;
    ends[flat] = cell[across] + cell[width] * Math.min(1, Math.max(0, part));
  }
  return ends;
}

/** How many maps a body has: pictures side by side, of its dimensions before the last two. One where it is no row of maps. */
export const mapsOf = (shape: readonly number[]): number => (shape.length < 3 ? 1 : sizeOf(shape.slice(0, -2)));

/** Where a map of a body is drawn; null where it is not, or within a summary. */
export function mapBox({ tensor: { shape }, isWhole, cellBox }: PlacedBody, map: number): Box | null {
  if (!isWhole) return null;
  const before = indexOf(map, shape.slice(0, -2));
  const [rows, columns] = shape.slice(-2) as [number, number];
  const [first, last] = [cellBox([...before, 0, 0]), cellBox([...before, rows - 1, columns - 1])];
  return first && last && around([first, last]);
}
