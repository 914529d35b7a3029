import { checkedState } from "../model/checked";
import type { StudioState } from "../model/types";

const KEY = "adelante.handover";

/** Keeps the learner's values over a change of page, as from one language to the other. */
export function leave(state: StudioState, storage: Storage): void {
  storage.setItem(KEY, JSON.stringify(state));
}

/** The values that the page before left, once; null where there are none. */
export function arrive(storage: Storage): StudioState | null {
  const text = storage.getItem(KEY);
  storage.removeItem(KEY);
  if (!text) return null;
  try {
    return checkedState(JSON.parse(text));
  } catch {
    return null;
  }
}
