import { checkedState } from "../model/checked";
import { current, type Entry, type History } from "../model/history";
import type { Message, StudioState } from "../model/types";
import type { Arrival } from "../studio/arrival";
import type { Kept } from "../studio/storage";
import { checkedScene, type Scene } from "./scene";

/** What goes along from one page to the next, as from one language to the other: the scene, and all that was done. */

const KEY = "adelante.handover";
/** Where the whole history has no room in the browser's storage, its newest steps may. */
const STEPS = [Infinity, 50, 10];

interface Left {
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

/** What the page before left, once; null where there is nothing that can be read. */
export function arrive(storage: Kept): Arrival | null {
  const text = storage.getItem(KEY);
  storage.removeItem(KEY);
  try {
    const left = JSON.parse(text ?? "null") as Partial<Left> | null;
    const scene = checkedScene(left?.scene);
    if (!scene) return null;
    const history = checkedHistory(left?.history);
    if (!history) return { scene, key: "studio.did-continue" };
    return { scene: { ...scene, state: current(history).state }, key: "studio.did-continue", history };
  } catch {
    return null;
  }
}

function stored(storage: Kept, left: Left): boolean {
  try {
    storage.setItem(KEY, JSON.stringify(left));
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

function checkedHistory(value: unknown): History<StudioState> | null {
  const { entries, at } = (value ?? {}) as { entries?: unknown; at?: unknown };
  if (!Array.isArray(entries) || !Number.isSafeInteger(at) || !entries[at as number]) return null;
  const checked: Entry<StudioState>[] = [];
  for (const entry of entries as Record<string, unknown>[]) {
    const state = checkedState(entry["state"]);
    if (!state || !isMessage(entry["label"])) return null;
    const pinned = checkedState(entry["pinned"]);
    // A step that changed nothing of the network, as pinning does, has the very state of the one before.
    const before = checked.at(-1)?.state;
    const same = before !== undefined && JSON.stringify(before) === JSON.stringify(state);
    checked.push({ state: same ? before : state, label: entry["label"], gesture: null, opened: entry["opened"] === true, pinned });
  }
  return { entries: checked, at: at as number };
}

function isMessage(value: unknown): value is Message {
  const { key, values } = (value ?? {}) as Record<string, unknown>;
  return typeof key === "string" && typeof values === "object" && values !== null;
}
