/** Where values stand on a line. Pure: the server's numbers in, pixels out. */

export interface Spread {
  x(value: number): number;
  /** Where a text in the middle of `room` pixels stands, so that it is within the line. */
  text(value: number, room: number): number;
  /** A tick from `top` to `bottom` at each value: one a pixel, however many values there are. */
  path(top: number, bottom: number): string;
}

const BESIDE = 8;

/** `also`: what has to be on the line beside the values. */
export function spreadOf(values: ArrayLike<number>, also: readonly number[], width: number): Spread | null {
  let [low, high] = [Infinity, -Infinity];
  const take = (value: number): void => {
    if (!Number.isFinite(value)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (let k = 0; k < values.length; k++) take(values[k]!);
  also.forEach(take);
  if (width <= 0 || low > high) return null;
  const reach = high - low || 1;
  const x = (value: number): number => BESIDE + ((value - low) / reach) * (width - 2 * BESIDE);
  return {
    x,
    text: (value, room) => Math.min(width - room / 2, Math.max(room / 2, x(value))),
    path(top, bottom) {
      const seen = new Set<number>();
      for (let k = 0; k < values.length; k++) if (Number.isFinite(values[k])) seen.add(Math.round(x(values[k]!)));
      return [...seen].map((at) => `M${at + 0.5} ${top}V${bottom}`).join("");
    },
  };
}
