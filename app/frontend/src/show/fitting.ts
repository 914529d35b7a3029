/** A number inside a neuron: as large as it may be, with as many digits as still can be read. */

const LARGEST_PIXELS = 14;
/** On a large screen a number grows with its neuron. */
const OF_RADIUS = 0.33;
const SMALLEST_PIXELS = 10;
/** Where all text is larger, a number rather has a digit less than that it stays small. */
const SMALLEST_LARGE_PIXELS = 13;
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

/** `text`: how many times larger than usual all text is. */
export function fitting(digits: number, radius: number, text = 1): Fitting {
  const smallest = text > 1 ? SMALLEST_LARGE_PIXELS * text : SMALLEST_PIXELS;
  const room = 2 * (radius - RIM_PIXELS);
  const sizeOf = (count: number, width = DIGIT_WIDTH): number => room / ((count + BESIDE) * width);
  let count = digits;
  while (count > 2 && sizeOf(count) < smallest) count--;
  return { digits: count, size: Math.round(Math.min(Math.max(LARGEST_PIXELS * text, OF_RADIUS * radius), Math.max(SMALLEST_PIXELS, sizeOf(count, WITH_MINUS))) * 10) / 10 };
}
