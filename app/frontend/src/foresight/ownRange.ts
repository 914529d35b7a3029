/** The scale that a painted track or map has for itself: from the least to the greatest of what it shows. Pure. */

export interface OwnRange {
  low: number;
  high: number;
  /** Where the least and the greatest stand among the values. */
  lowAt: number;
  highAt: number;
}

/** The range of what has no finite value. */
export const NOTHING = { low: 0, high: 0 };

/** The least and the greatest of some values; null where none is finite. */
export function rangeOf(values: ArrayLike<number>): OwnRange | null {
  let range: OwnRange | null = null;
  for (let at = 0; at < values.length; at++) {
    const value = values[at]!;
    if (!Number.isFinite(value)) continue;
    range ??= { low: value, high: value, lowAt: at, highAt: at };
    if (value < range.low) [range.low, range.lowAt] = [value, at];
    if (value > range.high) [range.high, range.highAt] = [value, at];
  }
  return range;
}

/**
 * Place of a value on the diverging scale, −1 to 1. Colours keep their meaning: what is negative is never blue. Where all values have one
 * sign, the one nearest to zero is paper and the furthest full colour; else zero is paper. Where all are one, they are half way.
 */
export function placeIn(value: number, { low, high }: Pick<OwnRange, "low" | "high">): number {
  const held = Math.min(high, Math.max(low, value));
  if (low < 0 && high > 0) return held / Math.max(-low, high);
  if (low === high) return Math.sign(low) / 2;
  return low >= 0 ? (held - low) / (high - low) : (held - high) / (high - low);
}
