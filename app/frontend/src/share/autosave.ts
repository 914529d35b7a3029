import { checkedState } from "../model/checked";
import type { StudioState } from "../model/types";

const KEY = "adelante.state.v1";

/** Keeps the newest state in the browser. Where there is no room or no permission the page goes on without it. */
export function autosave(storage: Storage, state: StudioState): void {
  try {
    storage.setItem(KEY, JSON.stringify(state));
  } catch {
    // Private windows and full disks refuse; the address still carries the network.
  }
}

/** What an earlier visit left; null where there is nothing, or nothing that can be read. */
export function autosaved(storage: Storage): StudioState | null {
  try {
    return checkedState(JSON.parse(storage.getItem(KEY) ?? "null"));
  } catch {
    return null;
  }
}
