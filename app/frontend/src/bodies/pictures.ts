import type { Standing } from "../world/place";
import type { Cell } from "../world/types";
import { pictureOf } from "./plan";

/** Which one of its pictures a body shows as large as its place, by the body's block. */
type Opened = Map<string, number>;

/** Has a body show the one with this cell. */
export function openPicture(opened: Opened, { block: { id }, tensor }: Standing, at: readonly number[]): void {
  const picture = pictureOf(tensor.shape, at);
  if (picture !== null) opened.set(id, picture);
}

/** Has the body of a cell show it, where it shows one picture alone. */
export function followPicture(opened: Opened, bodies: readonly Standing[], cell: Cell | null): void {
  const body = cell && bodies.find(({ tensor, block }) => tensor.name === cell.tensor && opened.has(block.id));
  if (body) openPicture(opened, body, cell.at);
}
