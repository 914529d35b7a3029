import { readPicture } from "../reading/picture";
import { layStroke } from "../world/starting";
import type { Maker } from "./maker";
import { INKS } from "./inks";
import { PEN, type Line } from "./strokes";

/** Pictures of strokes, for networks whose pictures were made by no recipe that is known. */

export interface Paper {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** The number of full ink. Where there is none it is 0, as in most pictures that networks take. */
  readonly top: number;
}

/** Of half a line's width, in pixels: thinner, a line between two rows of them would be pale. */
const LEAST_REACH = 1;

/** Whether a picture of so many channels has colours: of any other number nothing says what they are. */
export const isColoured = (channels: number): boolean => channels === 3;

/** What was drawn as the picture's numbers, each line over those before it: of one colour, in each channel the same. */
export function inkOf(lines: readonly Line[], { channels, height, width, top }: Paper): Float64Array {
  const size = height * width;
  const values = new Float64Array(channels * size);
  const reach = Math.max(LEAST_REACH, (PEN / 2) * Math.min(height, width));
  for (const { stroke, ink } of lines) {
    const cover = new Float64Array(size);
    const points = stroke.map(([x, y]) => [x * width - 0.5, y * height - 0.5] as const);
    points.forEach((point, k) => layStroke(cover, width, points[Math.max(0, k - 1)]!, point, reach));
    for (let channel = 0; channel < channels; channel++) {
      const full = isColoured(channels) ? INKS[ink].parts[channel]! : 1;
      for (let k = 0; k < size; k++) if (cover[k]! > 0) values[channel * size + k]! += cover[k]! * (full - values[channel * size + k]!);
    }
  }
  return values.map((value) => (top * Math.round(100 * value)) / 100);
}

/** Ink as it is, and files in the size that the input has. */
export const paperOf = (shape: readonly number[], paper: Paper): Maker<null> => ({
  ahead: (lines) => ({ values: inkOf(lines, paper) }),
  drawn: (lines) => Promise.resolve({ values: inkOf(lines, paper), inked: lines.length > 0, how: null }),
  opened: async (file) => ({ values: Float64Array.from((await readPicture(file, shape, paper.top)).row), inked: true, how: null }),
});
