/** What has been solved, in this browser and nowhere else. */

import type { Kept } from "../studio/storage";

export type Mark = "solved" | "seen";
export type Marks = Readonly<Record<string, Mark>>;

const KEY = "adelante.course";

/** The marks by exercise; none where nothing, or nothing readable, was kept. */
export function readMarks(storage: Kept): Marks {
  try {
    const kept: unknown = JSON.parse(storage.getItem(KEY) ?? "{}");
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return {};
    const good = Object.entries(kept).filter(([, mark]) => mark === "solved" || mark === "seen");
    return Object.fromEntries(good) as Marks;
  } catch {
    return {};
  }
}

/** Keeps a mark. What was solved stays solved; a solution seen before it was found is seen. */
export function mark(storage: Kept, exercise: string, made: Mark): Mark {
  const marks = readMarks(storage);
  const kept = marks[exercise] ?? made;
  try {
    storage.setItem(KEY, JSON.stringify({ ...marks, [exercise]: kept }));
  } catch {
    // A full or forbidden storage keeps nothing; the lesson goes on.
  }
  return kept;
}

/** Forgets all marks; what is returned brings them back. */
export function forget(storage: Kept): () => void {
  const before = readMarks(storage);
  storage.removeItem(KEY);
  return () => {
    try {
      // What was solved meanwhile, perhaps in another tab, stays.
      storage.setItem(KEY, JSON.stringify({ ...before, ...readMarks(storage) }));
    } catch {
      // A storage that refuses has nothing to bring back.
    }
  };
}
