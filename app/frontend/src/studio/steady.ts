/** Gives back the list that it gave last while a new one says the same, so that nothing that reads it is done again. */
export function steadily<T>(same: (a: T, b: T) => boolean = Object.is): (next: T[]) => T[] {
  let held: T[] = [];
  return (next) => {
    if (next.length !== held.length || !next.every((item, k) => same(item, held[k]!))) held = next;
    return held;
  };
}

export const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a.length === b.length && a.every((item, k) => item === b[k]);
