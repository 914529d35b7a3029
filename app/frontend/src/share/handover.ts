import type { History } from "../model/history";
import type { StudioState } from "../model/types";
import type { Kept } from "../studio/storage";
import type { Scene } from "./scene";

/** What goes along from one page to the next, as from one language to the other: the scene, and all that was done. */

export const HANDOVER = "adelante.handover";
/** Where the whole history has no room in the browser's storage, its newest steps may. */
const STEPS = [Infinity, 50, 10];

export interface Left {
  scene: Scene;
  history?: History<StudioState>;
}

/** Leaves a scene, and its history as far as there is room. */
export function leave(scene: Scene, history: History<StudioState>, storage: Kept): void {
  for (const most of STEPS) {
    if (stored(storage, { scene, history: newest(history, most) })) return;
  }
  stored(storage, { scene });
}

function stored(storage: Kept, left: Left): boolean {
  try {
    storage.setItem(HANDOVER, JSON.stringify(left));
    return true;
  } catch {
    return false;
  }
}

/** The entries nearest to the current one, which stays current. */
function newest({ entries, at }: History<StudioState>, most: number): History<StudioState> {
  const first = Math.max(0, Math.min(at, entries.length - most));
  return { entries: entries.slice(first, first + most), at: at - first };
}
