/** Gives back the list that it gave last while a new one says the same, so that nothing that reads it is done again. */
export function steadily<T>(same: (a: T, b: T) => boolean = Object.is): (next: T[]) => T[] {
  let held: T[] = [];
  return (next) => {
    if (next.length !== held.length || !next.every((item, k) => same(item, held[k]!))) held = next;
    return held;
  };
}

/** Whether two plain values hold the same, all the way down. */
export function alike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [own, others] = [Object.entries(a), Object.entries(b)];
  return own.length === others.length && own.every(([key, value]) => Object.hasOwn(b, key) && alike(value, (b as Record<string, unknown>)[key]));
}

export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, k) => item === b[k]);
