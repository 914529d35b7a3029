/** A number inside a neuron: as large as it may be, with as many digits as still can be read. */

const LARGEST_PIXELS = 14;
/** On a large screen a number grows with its neuron. */
const OF_RADIUS = 0.33;
const SMALLEST_PIXELS = 10;
/** Width of a digit, as a part of the type size; with its share of the widest minus, which is clear of the rim where there is room. */
const DIGIT_WIDTH = 0.6;
const WITH_MINUS = 0.625;
const RIM_PIXELS = 4;
/** What stands beside the digits after the mark: a sign, the integer part, the mark, and the sign's counterweight. */
const BESIDE = 4;

export interface Fitting {
  digits: number;
  /** Type size in pixels. */
  size: number;
}

export function fitting(digits: number, radius: number): Fitting {
  const room = 2 * (radius - RIM_PIXELS);
  const sizeOf = (count: number, width = DIGIT_WIDTH): number => room / ((count + BESIDE) * width);
  let count = digits;
  while (count > 2 && sizeOf(count) < SMALLEST_PIXELS) count--;
  return { digits: count, size: Math.round(Math.min(Math.max(LARGEST_PIXELS, OF_RADIUS * radius), Math.max(SMALLEST_PIXELS, sizeOf(count, WITH_MINUS))) * 10) / 10 };
}
