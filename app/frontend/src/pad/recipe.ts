import { readPicture } from "../reading/picture";
import { Unread } from "../reading/words";
import { post } from "../studio/draws";
import { reasonOf } from "../studio/reach";
import type { Translate } from "../text/messages";
import type { Drawn, Maker } from "./maker";
import type { Line, Stroke } from "./strokes";

/** What POST /api/v1/datasets/digits/pictures answers: each step from the ink to the picture. */
export interface Written {
  ink: number[][];
  box: [top: number, left: number, bottom: number, right: number];
  scaled: number[][];
  grown: number;
  weighed: number[][];
  slant: number;
  upright: number[][];
  picture: number[][];
  enlarged: number[][];
}

/** A picture file is looked at in so many pixels along each side. */
const LOOKED_AT = 160;

async function written(body: object, language: string): Promise<Written> {
  return (await (await post("/api/v1/datasets/digits/pictures", body, language)).json()) as Written;
}

/** The steps of a picture file. Throws Unread too. */
async function writtenOfFile(file: File, language: string): Promise<Written> {
  const { row } = await readPicture(file, [1, LOOKED_AT, LOOKED_AT], 255);
  const picture = Array.from({ length: LOOKED_AT }, (_, y) => row.slice(y * LOOKED_AT, (y + 1) * LOOKED_AT));
  return written({ picture }, language);
}

const strokesOf = (lines: readonly Line[]): Stroke[] => lines.map(({ stroke }) => stroke);

/** The recipe of the data set of digits, as the server has it, for a network with so many inputs. */
export function digitsOf(count: number): Maker<Written> {
  const drawn = (how: Written): Drawn<Written> => ({
    values: Float64Array.from((count === 64 ? how.picture : how.enlarged).flat()),
    inked: how.ink.some((row) => row.includes(1)),
    how,
  });
  return {
    ahead: (lines) => ({ strokes: strokesOf(lines) }),
    drawn: async (lines, language) => drawn(await written({ strokes: strokesOf(lines) }, language)),
    opened: async (file, language) => drawn(await writtenOfFile(file, language)),
  };
}

/** Why there is no picture, in the page's language. */
export const reasonFor = (error: unknown, t: Translate): string => (error instanceof Unread ? t(`unread.${error.code}`, error.values) : reasonOf(error, t));
