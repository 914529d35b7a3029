/** Notices that what the browser kept was begun to be opened and never shown: a page that hangs once is not to hang at each visit. */

const KEY = "adelante.opening";
/** Another tab may just be opening the same. */
const PATIENCE_MS = 3000;

/** Whether what is kept may be opened; false where the last page that tried never got as far as being shown. */
export function beginOpening(storage: () => Storage = () => localStorage, now = Date.now()): boolean {
  try {
    const begun = Number(storage().getItem(KEY));
    if (begun > 0 && now - begun > PATIENCE_MS) {
      storage().removeItem(KEY);
      return false;
    }
    storage().setItem(KEY, String(now));
  } catch {
    // Without a storage there is nothing kept that could hang.
  }
  return true;
}

/** The page is shown, or left in good order. */
export function endOpening(storage: () => Storage = () => localStorage): void {
  try {
    storage().removeItem(KEY);
  } catch {
    // As above.
  }
}
