import type { Kept } from "../studio/storage";
import { checkedBase, type Base } from "./base";
import { checkedScene, type Scene } from "./scene";

const KEY = "adelante.scene.v1";
const EARLIER = "adelante.earlier.v1";

/**
 * What a visit left: the newest scene; the fragment that the page's address had then, which may be that of a moment before; what the
 * server keeps that its network was made of.
 */
export interface Autosaved {
  scene: Scene;
  address: string;
  base: Base | null;
}

/** Keeps the newest scene in the browser. Where there is no room or no permission the page goes on without it. */
export function autosave(storage: Kept, scene: Scene, address: string, base: Base | null = null): void {
  try {
    storage.setItem(KEY, JSON.stringify({ ...scene, address, ...(base && { base }) }));
  } catch {
    // Private windows and full disks refuse; the address still carries the network.
  }
}

/** What an earlier visit left; null where there is nothing, or nothing that can be read. */
export function autosaved(storage: Kept): Autosaved | null {
  const found = parsed(storage.getItem(KEY)) as { address?: unknown; base?: unknown } | null;
  const scene = checkedScene(found);
  const address = typeof found?.address === "string" ? found.address : "";
  return scene && { scene, address, base: checkedBase(found?.base, scene.state.layers) };
}

/** The scenes that were set aside, oldest first. */
export function earlierScenes(storage: Kept): Scene[] {
  const found = parsed(storage.getItem(EARLIER));
  return Array.isArray(found) ? found.map(checkedScene).filter((scene) => scene !== null) : [];
}

export const hasEarlier = (storage: Kept): boolean => storage.getItem(EARLIER) !== null;

export function keepEarlier(storage: Kept, scenes: readonly Scene[]): void {
  if (scenes.length === 0) storage.removeItem(EARLIER);
  else storage.setItem(EARLIER, JSON.stringify(scenes));
}

/** What the last visit left makes room for another network, and is offered until someone says what is to become of it. */
export function setAside(storage: Kept): void {
  const left = autosaved(storage);
  if (!left) return;
  // Its own room is enough for it at the other place.
  storage.removeItem(KEY);
  try {
    keepEarlier(storage, [...earlierScenes(storage), left.scene]);
  } catch {
    autosave(storage, left.scene, left.address, left.base);
  }
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
