import { stateIsDrawable } from "../model/drawable";
import type { Arrived } from "./arrived";
import type { StudioData } from "../studio/data";
import type { Arrival } from "../studio/arrival";
import { storageOf, type Kept } from "../studio/storage";
import { translator } from "../text/messages";
import { autosaved, setAside } from "./autosave";
import { HANDOVER } from "./handover";
import { readFragment } from "./keeper.svelte";
import { remember } from "./base";
import { beginOpening } from "./opening";
import type { openStored } from "./openStored";
import type { Scene } from "./scene";
import { isOfWorld } from "./packing";

/**
 * What to begin with: what the page in the other language left; the address's fragment; the stored network or the preset that the
 * address names; what this browser kept from the last visit; else the page's own preset. `?fresh` begins with that, whatever else
 * there is. What this browser kept and the page does not begin with is set aside, and offered. `stored` brings what opens a stored one.
 */
export async function arrived(data: StudioData, stored: () => Promise<typeof openStored>): Promise<Arrived> {
  const t = translator(data.messages);
  if (data.embed) return (await named(data, "", stored)) ?? { arrival: null, problem: null };
  const storage = storageOf(window, "localStorage");
  const left = await leftBefore(storageOf(window, "sessionStorage"));
  const asked = new URLSearchParams(location.search);
  const fresh = asked.has("fresh");
  if (fresh) history.replaceState(null, "", location.pathname);
  else if (left && stateIsDrawable(left.scene.state)) return { arrival: left, problem: null };
  const kept = autosaved(storage);
  const found = fresh ? null : await named(data, kept?.address ?? "", stored);
  if (found || fresh || asked.has("preset")) {
    if (!isSame(found?.arrival?.scene, kept?.scene)) setAside(storage);
    return found ?? { arrival: null, problem: null };
  }
  if (!kept) return { arrival: null, problem: null };
  if (!beginOpening()) {
    setAside(storage);
    return { arrival: null, problem: t("studio.hung") };
  }
  if (!stateIsDrawable(kept.scene.state)) return { arrival: null, problem: t("studio.too-large-kept") };
  remember(kept.scene.state.layers, kept.base);
  return { arrival: { scene: kept.scene, key: "studio.did-restore" }, problem: null };
}

/** What the page in the other language left, once. */
async function leftBefore(storage: Kept): Promise<Arrival | null> {
  const text = storage.getItem(HANDOVER);
  storage.removeItem(HANDOVER);
  return text === null ? null : (await import("./takeover")).takeOver(text);
}

/**
 * The network that the address names: null where it names none, or the one that this browser kept under that very fragment, which may
 * have been changed in the moment before the page was left.
 */
async function named(data: StudioData, keptAddress: string, stored: () => Promise<typeof openStored>): Promise<Arrived | null> {
  const fragment = location.hash.slice(1);
  if (fragment && fragment === keptAddress) return null;
  if (fragment && !isOfWorld(fragment)) return await linked(fragment, data);
  return data.network ? await (await stored())(data.network, data) : null;
}

async function linked(fragment: string, { language, messages }: StudioData): Promise<Arrived> {
  const t = translator(messages);
  const scene = await readFragment(fragment, language);
  if (scene && stateIsDrawable(scene.state)) return { arrival: { scene, key: "studio.did-open-link" }, problem: null };
  return { arrival: null, problem: t(scene ? "studio.too-large-link" : "studio.link-unreadable") };
}

const isSame = (one: Scene | undefined, other: Scene | undefined): boolean => JSON.stringify(one?.state) === JSON.stringify(other?.state);
