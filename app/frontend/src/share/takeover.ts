import { checkedState } from "../model/checked";
import { current, type Entry, type History } from "../model/history";
import type { Message, StudioState } from "../model/types";
import type { Arrival } from "../studio/arrival";
import type { Left } from "./handover";
import { checkedScene } from "./scene";

/** What the page before left (handover.ts); null where it can't be read. */
export function takeOver(text: string): Arrival | null {
  try {
    const left = JSON.parse(text) as Partial<Left> | null;
    const scene = checkedScene(left?.scene);
    if (!scene) return null;
    const history = checkedHistory(left?.history);
    if (!history) return { scene, key: "studio.did-continue" };
    return { scene: { ...scene, state: current(history).state }, key: "studio.did-continue", history };
  } catch {
    return null;
  }
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
