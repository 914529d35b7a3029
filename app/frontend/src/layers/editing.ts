import { recorded } from "../model/history";
import type { Message } from "../model/types";
import { changesOf } from "../world/keeping";
import { reasonOf, Refused } from "../studio/reach";
import { fetchOutline } from "../world/outline";
import { changed } from "../world/recipes";
import { withInputsAlone } from "../world/state";
import type { Cell, LayerOutline, Outline } from "../world/types";
import type { World } from "../world/world.svelte";
import { moveOf, type Direction, type Move } from "./moving";
import type { Spot } from "./spot";

/** A layer added, moved, removed or made another, as POST /api/v1/networks/{id}/changes takes it. */
export type Edit =
  | ({ add: Readonly<Record<string, unknown>> } & Spot)
  | Move
  | { remove: number }
  | { change: number; to: Readonly<Record<string, unknown>> };

/**
 * Has the server make another network of the one on the page, with what the learner changed of its numbers, and goes on there, unless
 * that is taken back meanwhile. One at a time: until then no other is asked for. Throws with the server's own words where it does not
 * fit; then nothing has changed.
 */
export async function edit(world: World, change: Edit, seed: number, label: Message): Promise<void> {
  if (world.asked) return;
  world.asked = label;
  try {
    await ask(world, change, seed, label);
  } catch (error) {
    // What was taken back need not fit.
    if (world.asked === label) throw error;
  } finally {
    if (world.asked === label) world.asked = null;
  }
}

async function ask(world: World, change: Edit, seed: number, label: Message): Promise<void> {
  const { outline, language } = world;
  let [numbers, made] = [changesOf(world), null as Outline | null];
  while (made === null) {
    const id = await changed(outline.id, [...numbers, change], seed, language).catch((error: unknown) => {
      throw located(world, change, error);
    });
    made = await fetchOutline(id, language);
    if (world.asked !== label) return;
    // What was moved while the server was asked belongs to it too.
    const now = changesOf(world);
    if (JSON.stringify(now) !== JSON.stringify(numbers)) [numbers, made] = [now, null];
  }
  const state = { ...withInputsAlone(world.state), outline: made };
  const place = placeAfter(change);
  const layer = made.layers[place];
  const first: Cell | null = layer ? { tensor: layer.activations.name, at: layer.activations.shape.map(() => 0) } : null;
  world.become(recorded(world.history, state, label), label, "remove" in change ? null : (moved(world.selected, change) ?? first), `[data-head="${place + 1}"] button`);
}

/** Moves a layer by one place along its branch. Throws with words where it has none, or does not fit there. */
export async function move(world: World, layer: LayerOutline, direction: Direction): Promise<void> {
  const found = moveOf(world.outline, layer, direction);
  if (typeof found === "string") throw new Error(world.t(found));
  await edit(world, found, 0, { key: "world.did-move", values: { what: world.titleOf(layer.activations.name) } });
}

/** A refusal with the name of the layer that does not fit, where that is another than the one that was changed. */
function located({ outline, titleOf, t }: World, change: Edit, error: unknown): unknown {
  const at = error instanceof Refused ? /^\/layers\/(\d+)/.exec(error.pointer)?.[1] : undefined;
  const layer = at === undefined ? undefined : outline.layers[placeBefore(change, Number(at)) ?? -1];
  const title = layer && titleOf(layer.activations.name);
  // Its kind the refusal says itself.
  return title && layer.name !== layer.kind ? new Error(t("world.does-not-fit", { layer: title, reason: reasonOf(error, t) })) : error;
}

/** Where a layer stood before a change that it has this place after; null for the one that was added, moved or changed. */
export function placeBefore(change: Edit, place: number): number | null {
  if ("add" in change) return place === change.after + 1 ? null : place - Number(place > change.after);
  if ("remove" in change) return place + Number(place >= change.remove);
  if ("move" in change) {
    const now = placeAfter(change);
    const others = place - Number(place > now);
    return place === now ? null : others + Number(others >= change.move);
  }
  return place === change.change ? null : place;
}

/** The layer that one looks at afterwards. */
function placeAfter(change: Edit): number {
  if ("add" in change) return change.after + 1;
  if ("move" in change) return change.after + Number(change.after < change.move);
  return "remove" in change ? change.remove - 1 : change.change;
}

/** The selected cell stays selected where its layer was changed; where one was added one looks at that. */
const moved = (selected: Cell | null, change: Edit): Cell | null => ("change" in change ? selected : null);
