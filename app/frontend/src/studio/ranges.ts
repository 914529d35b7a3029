import { LARGEST_FLOAT32 } from "../reading/words";

const SMALLEST = 4;

/** A weight's or bias's slider: ±4, doubled until the value fits, as far as float32 goes. */
export function parameterRange(value: number): [number, number] {
  let limit = SMALLEST;
  while (limit < Math.abs(value) && Number.isFinite(value)) limit *= 2;
  limit = Math.min(limit, LARGEST_FLOAT32);
  return [-limit, limit];
}

/** An input's slider: its own range, widened where a typed value lies outside. */
export function inputRange(range: readonly [number, number] | undefined, value: number): [number, number] {
  const [low, high] = range ?? [-3, 3];
  return [Math.min(low, value), Math.max(high, value)];
}

/** A round step of about a six-hundredth of a range: 0.01 for −3 to 3. */
export function stepOf(low: number, high: number): number {
  return 10 ** Math.round(Math.log10((high - low) / 600));
}

/** The multiple of step nearest to a value, without the digits that binary fractions add. */
export function snap(value: number, step: number): number {
  return Number((Math.round(value / step) * step).toPrecision(12));
}
