import { arrive } from "../studio/handover";
import { storageOf } from "../studio/storage";
import type { Arrival } from "../studio/studio.svelte";
import { autosaved } from "./autosave";
import { readFragment } from "./keeper.svelte";

export interface Arrived {
  arrival: Arrival | null;
  /** The address held something that is no network. */
  unreadable: boolean;
}

/**
 * What to begin with: what the page in the other language left; the address's fragment; the preset that the address
 * names; what this browser kept from the last visit; else the page's own preset.
 */
export async function arrived(language: string, embedded: boolean): Promise<Arrived> {
  const left = embedded ? null : arrive(storageOf(window, "sessionStorage"));
  if (left) return { arrival: left, unreadable: false };
  const fragment = location.hash.slice(1);
  if (fragment) {
    const scene = await readFragment(fragment, language);
    if (scene) return { arrival: { scene, key: "studio.did-open-link" }, unreadable: false };
  }
  const unreadable = fragment !== "";
  if (embedded || new URLSearchParams(location.search).has("preset")) return { arrival: null, unreadable };
  const scene = autosaved(storageOf(window, "localStorage"));
  return { arrival: scene && { scene, key: "studio.did-restore" }, unreadable };
}
