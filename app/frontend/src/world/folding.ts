import { tick } from "svelte";

import type { World } from "./world.svelte";

/** Opens a group's card, or folds it again: what had the focus gives it to what stands there then, the frame's title or the card. */
export async function fold(world: World, id: string, unfold: boolean, event: MouseEvent): Promise<void> {
  world.fold([id], unfold);
  await tick();
  // A module may be called anything; what follows the last @ is its first layer.
  const first = Number(id.slice(id.lastIndexOf("@") + 1));
  const place = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`) ?? document.querySelector<HTMLElement>(`[data-body="${first + 1}"]`);
  // A pointer is where it is; whoever came with the keyboard has to see where.
  place?.focus({ preventScroll: event.detail > 0 });
}
