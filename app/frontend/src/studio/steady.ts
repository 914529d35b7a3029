/** Gives back the list that it gave last while a new one says the same, so that nothing that reads it is done again. */
export function steadily<T>(same: (a: T, b: T) => boolean = Object.is): (next: T[]) => T[] {
  let held: T[] = [];
  return (next) => {
    if (next.length !== held.length || !next.every((item, k) => same(item, held[k]!))) held = next;
    return held;
  };
}

/** Whether two arrays hold the very same numbers; at once where both are one stretch of memory. */
export function sameNumbers(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, k) => item === b[k]);
