/** Where the bars of a sum stand. Pure: the server's running sums in, places out. */

/** One step of a running sum: it goes from one value to the next. */
export interface Step {
  from: number;
  to: number;
}

const SMALLEST_REACH = 1;

/** The steps of a sum: from 0 term by term, the bias last, as the formula reads. `sums` are the server's running sums. */
export function stepsOf(sums: ArrayLike<number>): Step[] {
  return Array.from({ length: sums.length }, (_, i) => ({ from: i === 0 ? 0 : sums[i - 1]!, to: sums[i]! }));
}

/** The ends of a scale around 0: low is at most 0, high at least 0. An end may be infinite: nothing finite has a length there then. */
export interface Scale {
  low: number;
  high: number;
}

/**
 * The scale that holds every running sum. Each side ends at a power of two, so that it changes seldom while a value
 * moves, and neither is less than a quarter of the other, nor of `smallest`. Beside an infinite sum every finite one is as good as 0.
 */
export function scaleOf(sums: ArrayLike<number>, smallest = SMALLEST_REACH): Scale {
  let [below, above] = [0, 0];
  for (let i = 0; i < sums.length; i++) {
    const sum = sums[i]!;
    if (Math.abs(sum) === Infinity) return { low: -Infinity, high: Infinity };
    if (Number.isNaN(sum)) continue;
    below = Math.max(below, -sum);
    above = Math.max(above, sum);
  }
  const [low, high] = [below, above].map((side) => (side > 0 ? 2 ** Math.ceil(Math.log2(side)) : 0)) as [number, number];
  const least = Math.max(low, high, smallest) / 4;
  return { low: -Math.max(low, least), high: Math.max(high, least) };
}

/** Place of a value on a scale, as a fraction from 0 to 1; what lies outside stands at the end. */
export function placeOf(value: number, { low, high }: Scale): number {
  if (high === Infinity) return value === Infinity ? 1 : value === -Infinity ? 0 : 0.5;
  const known = Number.isNaN(value) ? 0 : value;
  return Math.min(1, Math.max(0, (known - low) / (high - low)));
}

/** The terms to write out of `count`: all of them, or the first ones and the last with a gap (null) between. */
export function written(count: number, most: number): (number | null)[] {
  if (count <= most) return Array.from({ length: count }, (_, i) => i);
  return [0, 1, null, count - 1];
}

/** The part of a long list that a scrolled view shows, and a little more on both sides. */
export function visibleRows(count: number, rowHeight: number, scrolled: number, height: number): { first: number; end: number } {
  const margin = 8;
  const first = Math.max(0, Math.floor(scrolled / rowHeight) - margin);
  return { first: Math.min(first, count), end: Math.min(count, Math.ceil((scrolled + height) / rowHeight) + margin) };
}
