import type { Message } from "./types";

/** What was done, oldest first: each entry is a state with the words for the step that led to it. */

export interface Entry<S> {
  state: S;
  label: Message;
  /** Steps of one gesture are one entry; null for a step that stands alone. */
  gesture: string | null;
  /** The network was opened, or drawn, by this step: resets lead back to it. */
  opened?: boolean;
  /** What is pinned beside it from this step on. */
  pinned?: S | null;
}

/** How a step is recorded: `gesture` joins it to the last one of the same; `pinned`, where it is left out, stays as it was. */
export type Recording<S> = Partial<Pick<Entry<S>, "gesture" | "opened" | "pinned">>;

export interface History<S> {
  entries: readonly Entry<S>[];
  /** The entry whose state is on screen. */
  at: number;
}

/** Older entries than this are let go; states share what did not change, so this is little memory. */
const MOST_ENTRIES = 1000;

export function begun<S>(state: S, label: Message): History<S> {
  return { entries: [{ state, label, gesture: null, opened: true }], at: 0 };
}

/**
 * A new step after the current one; what was undone is let go. A step of the same gesture as the last one replaces it and
 * keeps where that one began (`before` among the label's values); one that comes back to there leaves no step at all.
 */
export function recorded<S>(history: History<S>, state: S, label: Message, how: Recording<S> = {}): History<S> {
  const kept = history.entries.slice(0, history.at + 1);
  const last = kept.at(-1)!;
  const { gesture = null, opened = false, pinned = last.pinned ?? null } = how;
  const beside = { ...(opened && { opened }), ...(pinned !== null && { pinned }) };
  if (gesture !== null && last.gesture === gesture) {
    const { before } = last.label.values;
    const values = before === undefined ? label.values : { ...label.values, before };
    if (before !== undefined && before === label.values["after"]) kept.pop();
    else kept[kept.length - 1] = { state, label: { key: label.key, values }, gesture, ...beside };
  } else {
    kept.push({ state, label, gesture, ...beside });
  }
  const entries = kept.slice(-MOST_ENTRIES);
  return { entries, at: entries.length - 1 };
}

/** The same entries, another of them current. A place that is not there: the nearest. */
export function movedTo<S>(history: History<S>, at: number): History<S> {
  return { entries: history.entries, at: Math.min(Math.max(at, 0), history.entries.length - 1) };
}

export const canUndo = (history: History<unknown>): boolean => history.at > 0;
export const canRedo = (history: History<unknown>): boolean => history.at < history.entries.length - 1;

/** The network that the current one was made from, as it was opened; where that step was let go, the oldest there is. */
export function origin<S>({ entries, at }: History<S>): Entry<S> {
  return entries.slice(0, at + 1).findLast(({ opened }) => opened) ?? entries[0]!;
}

export function current<S>(history: History<S>): Entry<S> {
  return history.entries[history.at]!;
}
