import type { Ink } from "./inks";

/** What a hand draws on the pad: strokes of points from 0 to 1 of its sides, x to the right and y down. */

export type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];
/** A stroke with the ink that it was drawn in. */
export interface Line {
  readonly stroke: Stroke;
  readonly ink: Ink;
}

/** The pen's width in sides of the pad, as adelante/datasets/handwriting has it. */
export const PEN = 0.09;
/** Cells along each side that the arrow keys walk: a dot in one touches the dots beside it. */
export const CELLS = 16;

/** A hand moves in smaller steps than a pen shows: two pixels of the pad that the server draws on. */
const LEAST_STEP = 0.015;

const held = (value: number): number => Math.round(Math.max(0, Math.min(1, value)) * 1000) / 1000;

/** The stroke with one more point, unless that is where it already is. */
export function longer(stroke: Stroke, [x, y]: Point): Stroke {
  const last = stroke.at(-1);
  const next: Point = [held(x), held(y)];
  return last && Math.hypot(next[0] - last[0], next[1] - last[1]) < LEAST_STEP ? stroke : [...stroke, next];
}

const dotAt = (row: number, column: number): Stroke => [[held((column + 0.5) / CELLS), held((row + 0.5) / CELLS)]];

const isDot = (stroke: Stroke, dot: Stroke): boolean => stroke.length === 1 && stroke[0]![0] === dot[0]![0] && stroke[0]![1] === dot[0]![1];

/** The ink in which a cell was set by its key; null where it was not. */
export const setIn = (lines: readonly Line[], row: number, column: number): Ink | null => lines.findLast(({ stroke }) => isDot(stroke, dotAt(row, column)))?.ink ?? null;

/** What is drawn with a cell's dot in this ink, or without it where it was there. */
export function toggled(lines: readonly Line[], row: number, column: number, ink: Ink): readonly Line[] {
  const dot = dotAt(row, column);
  const others = lines.filter(({ stroke }) => !isDot(stroke, dot));
  return setIn(lines, row, column) === ink ? others : [...others, { stroke: dot, ink }];
}

/** A stroke as SVG's path; a dot is a line of no length, which round ends make visible. */
export const pathOf = (stroke: Stroke): string => `M${stroke.map((point) => point.join(" ")).join("L")}${stroke.length === 1 ? "h0" : ""}`;

/** The set ones of rows of 0 and 1 as SVG's path: a rectangle for each run. */
export function pathOfBits(rows: readonly (readonly number[])[]): string {
  const found: string[] = [];
  rows.forEach((row, y) => {
    for (let x = 0; x < row.length; x++) {
      if (!row[x]) continue;
      const from = x;
      while (row[x + 1]) x++;
      found.push(`M${from} ${y}h${x + 1 - from}v1H${from}z`);
    }
  });
  return found.join("");
}
