import type { Cell } from "./types";
import type { World } from "./world.svelte";

/** A cell for those who hear it: with the words that stand beside its row and over its column, and what it is called itself. */
export function spokenName(world: World, cell: Cell): string {
  const own = world.ownName(cell);
  const words = world.isInput(cell.tensor) ? [] : cell.at.flatMap((_, dim) => world.following.wordAt(cell, dim) || []);
  return [world.nameOf(cell), ...words.map((word) => world.t("world.of-word", { word })), ...(own === null ? [] : [own])].join(", ");
}
