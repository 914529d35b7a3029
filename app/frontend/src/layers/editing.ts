import { recorded } from "../model/history";
import type { Message } from "../model/types";
import { changesOf } from "../world/keeping";
import { fetchOutline } from "../world/outline";
import { changed } from "../world/recipes";
import { withInputsAlone } from "../world/state";
import type { Cell } from "../world/types";
import type { World } from "../world/world.svelte";

/** A layer added, removed or made another, as POST /api/v1/networks/{id}/changes takes it. */
export type Edit =
  | { add: Readonly<Record<string, unknown>>; after: number }
  | { remove: number }
  | { change: number; to: Readonly<Record<string, unknown>> };

/**
 * Has the server make another network of the one on the page, with what the learner changed of its numbers, and goes on there.
 * Throws with the server's own words where it does not fit; then nothing has changed.
 */
export async function edit(world: World, change: Edit, seed: number, label: Message): Promise<void> {
  const { outline, language } = world;
  const id = await changed(outline.id, [...changesOf(world), change], seed, language);
  const made = await fetchOutline(id, language);
  const state = { ...withInputsAlone(world.state), outline: made };
  const place = placeAfter(change);
  const layer = made.layers[place];
  const first: Cell | null = layer ? { tensor: layer.activations.name, at: layer.activations.shape.map(() => 0) } : null;
  world.become(recorded(world.history, state, label), label, "remove" in change ? null : (moved(world.selected, change) ?? first), `[data-head="${place + 1}"] button`);
}

/** The layer that one looks at afterwards. */
function placeAfter(change: Edit): number {
  if ("add" in change) return change.after + 1;
  return "remove" in change ? change.remove - 1 : change.change;
}

/** The selected cell stays selected where its layer was changed; where one was added one looks at that. */
const moved = (selected: Cell | null, change: Edit): Cell | null => ("change" in change ? selected : null);
