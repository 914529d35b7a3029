/** Which rows or columns of a matrix are written out. Pure. */

/** An index, or how many are left out at this place. */
export type Shown = number | { left: number };

/**
 * All of `count` where at most `most` fit; else the first, the last and those to `keep`, with a note of how many are
 * left out in each gap. A gap of one is not made.
 */
export function shownIndices(count: number, most: number, keep: readonly number[] = []): Shown[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  const wanted = new Set<number>();
  for (let i = 0; i < most - 2; i++) wanted.add(i);
  wanted.add(count - 1);
  for (const index of keep) if (index >= 0 && index < count) wanted.add(index);
  const shown: Shown[] = [];
  let next = 0;
  for (const index of [...wanted].sort((a, b) => a - b)) {
    if (index === next + 1) shown.push(next);
    else if (index > next) shown.push({ left: index - next });
    shown.push(index);
    next = index + 1;
  }
  return shown;
}
