import { readPicture } from "../reading/picture";
import { Unread } from "../reading/words";
import { post } from "../studio/draws";
import { reasonOf } from "../studio/reach";
import type { Translate } from "../text/messages";
import type { Stroke } from "./strokes";

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

/** The steps of what was drawn. Throws with the problem's own words, or NoAnswer. */
export const writtenOf = (strokes: readonly Stroke[], language: string): Promise<Written> => written({ strokes }, language);

/** The steps of a picture file. Throws Unread too. */
export async function writtenOfFile(file: File, language: string): Promise<Written> {
  const { row } = await readPicture(file, [1, LOOKED_AT, LOOKED_AT], 255);
  const picture = Array.from({ length: LOOKED_AT }, (_, y) => row.slice(y * LOOKED_AT, (y + 1) * LOOKED_AT));
  return written({ picture }, language);
}

/** The numbers that a network with inputs of this shape takes of it. */
export const valuesOf = ({ picture, enlarged }: Written, count: number): Float64Array => Float64Array.from((count === 64 ? picture : enlarged).flat());

/** Why there is no picture, in the page's language. */
export const reasonFor = (error: unknown, t: Translate): string => (error instanceof Unread ? t(`unread.${error.code}`, error.values) : reasonOf(error, t));
