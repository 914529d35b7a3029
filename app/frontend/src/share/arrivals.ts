import { stateIsDrawable } from "../model/drawable";
import type { Arrival } from "../studio/arrival";
import { storageOf } from "../studio/storage";
import { autosaved } from "./autosave";
import { arrive } from "./handover";
import { readFragment } from "./keeper.svelte";
import { beginOpening } from "./opening";

export interface Arrived {
  arrival: Arrival | null;
  /** The key of what there is to say where the address, or what this browser kept, was not opened; null where it was. */
  problem: string | null;
}

/**
 * What to begin with: what the page in the other language left; the address's fragment; the preset that the address
 * names; what this browser kept from the last visit; else the page's own preset. `?fresh` begins with that, whatever else
 * there is.
 */
export async function arrived(language: string, embedded: boolean): Promise<Arrived> {
  const asked = new URLSearchParams(location.search);
  if (asked.has("fresh")) {
    history.replaceState(null, "", location.pathname);
    return { arrival: null, problem: null };
  }
  const left = embedded ? null : arrive(storageOf(window, "sessionStorage"));
  if (left && stateIsDrawable(left.scene.state)) return { arrival: left, problem: null };
  const fragment = location.hash.slice(1);
  if (fragment) {
    const scene = await readFragment(fragment, language);
    if (scene && stateIsDrawable(scene.state)) return { arrival: { scene, key: "studio.did-open-link" }, problem: null };
    return { arrival: null, problem: scene ? "studio.too-large-link" : "studio.link-unreadable" };
  }
  if (embedded || asked.has("preset")) return { arrival: null, problem: null };
  if (!beginOpening()) return { arrival: null, problem: "studio.hung" };
  const scene = autosaved(storageOf(window, "localStorage"));
  if (scene && !stateIsDrawable(scene.state)) return { arrival: null, problem: "studio.too-large-kept" };
  return { arrival: scene && { scene, key: "studio.did-restore" }, problem: null };
}
