import { readPicture } from "../reading/picture";
import { layStroke } from "../world/starting";
import type { Maker } from "./maker";
import { PEN, type Stroke } from "./strokes";

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

/** The strokes as the picture's numbers: in each channel the same. */
export function inkOf(strokes: readonly Stroke[], { channels, height, width, top }: Paper): Float64Array {
  const ink = new Float64Array(height * width);
  const reach = Math.max(LEAST_REACH, (PEN / 2) * Math.min(height, width));
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * width - 0.5, y * height - 0.5] as const);
    points.forEach((point, k) => layStroke(ink, width, points[Math.max(0, k - 1)]!, point, reach));
  }
  const values = new Float64Array(channels * ink.length);
  for (let k = 0; k < values.length; k++) values[k] = (top * Math.round(100 * ink[k % ink.length]!)) / 100;
  return values;
}

/** Ink as it is, and files in the size that the input has. */
export const paperOf = (shape: readonly number[], paper: Paper): Maker<null> => ({
  ahead: (strokes) => ({ values: inkOf(strokes, paper) }),
  drawn: (strokes) => Promise.resolve({ values: inkOf(strokes, paper), inked: strokes.length > 0, how: null }),
  opened: async (file) => ({ values: Float64Array.from((await readPicture(file, shape, paper.top)).row), inked: true, how: null }),
});
