/** What the page asks of the browser's storage. */
export type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * The browser's storage; where site data is blocked, one that lasts as long as the page. Blocked, the property itself throws, or
 * is null, or a method throws. Reading and removing never throw here; keeping may, as where there is no room.
 */
export function storageOf(window: Window, name: "localStorage" | "sessionStorage"): Kept {
  let storage: Kept;
  try {
    storage = (window[name] as Storage | null) ?? new Passing();
  } catch {
    return new Passing();
  }
  return {
    getItem(key) {
      try {
        return storage.getItem(key);
      } catch {
        return null;
      }
    },
    setItem: (key, value) => storage.setItem(key, value),
    removeItem(key) {
      try {
        storage.removeItem(key);
      } catch {
        // What cannot be read later need not be removed.
      }
    },
  };
}

/** Forgets with the page. */
class Passing implements Kept {
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}
