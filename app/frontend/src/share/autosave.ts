import type { Kept } from "../studio/storage";
import { checkedScene, type Scene } from "./scene";

const KEY = "adelante.scene.v1";

/** Keeps the newest scene in the browser. Where there is no room or no permission the page goes on without it. */
export function autosave(storage: Kept, scene: Scene): void {
  try {
    storage.setItem(KEY, JSON.stringify(scene));
  } catch {
    // Private windows and full disks refuse; the address still carries the network.
  }
}

/** What an earlier visit left; null where there is nothing, or nothing that can be read. */
export function autosaved(storage: Kept): Scene | null {
  try {
    return checkedScene(JSON.parse(storage.getItem(KEY) ?? "null"));
  } catch {
    return null;
  }
}
