import type { Kept as Storage } from "../studio/storage";
import type { FileNote } from "./stored";

/** A file whose network another page draws: what goes along to there, once. The network itself the server has. */

const KEY = "adelante.opened";

export interface OpenedFile {
  id: string;
  name: string;
  notes: readonly FileNote[];
  /** What the file says of the inputs; anything at all. */
  inputs?: unknown;
}

export function leaveOpened(storage: Storage, opened: OpenedFile): void {
  for (const some of [opened, { ...opened, inputs: undefined }]) {
    try {
      storage.setItem(KEY, JSON.stringify(some));
      return;
    } catch {
      // Without room the network comes without its inputs, or without its name.
    }
  }
}

/** What was left for the page of this network; null where nothing was. */
export function arriveOpened(storage: Storage, id: string): OpenedFile | null {
  const text = storage.getItem(KEY);
  storage.removeItem(KEY);
  try {
    const found = JSON.parse(text ?? "null") as Partial<OpenedFile> | null;
    if (found?.id !== id || typeof found.name !== "string") return null;
    return { id, name: found.name, notes: Array.isArray(found.notes) ? found.notes : [], inputs: found.inputs };
  } catch {
    return null;
  }
}
