import { describe, expect, test } from "vitest";

import { inkOf, type Paper } from "./ink";
import { INKS, ALL } from "./inks";
import type { Line, Stroke } from "./strokes";

const LINE: Stroke = [
  [0.25, 0.5],
  [0.75, 0.5],
];
const white = (...strokes: Stroke[]): Line[] => strokes.map((stroke) => ({ stroke, ink: "white" }));

const rowsOf = (values: Float64Array, { height, width }: Paper, channel = 0): number[][] =>
  Array.from({ length: height }, (_, y) => [...values.slice((channel * height + y) * width, (channel * height + y + 1) * width)]);

describe("ink", () => {
  test.each([8, 28, 64])("a line across %i pixels is full along its middle, and nothing is far from it", (side) => {
    const paper = { channels: 1, height: side, width: side, top: 1 };
    const rows = rowsOf(inkOf(white(LINE), paper), paper);
    const middle = Math.floor(side / 2);
    for (let x = Math.ceil(0.25 * side); x < Math.floor(0.75 * side); x++) expect(Math.max(rows[middle]![x]!, rows[middle - 1]![x]!)).toBeGreaterThan(0.75);
    expect(rows[0]!.concat(rows.at(-1)!).every((value) => value === 0)).toBe(true);
    expect(rows.every((row) => row[0] === 0 && row.at(-1) === 0)).toBe(true);
    // The same above and below.
    expect(rows[middle]).toEqual(rows[middle - 1]);
  });

  test("each channel has the same of white, up to the input's largest number", () => {
    const paper = { channels: 3, height: 16, width: 24, top: 16 };
    const values = inkOf(white(LINE, [[0.5, 0.1]]), paper);
    expect(values).toHaveLength(3 * 16 * 24);
    expect(rowsOf(values, paper, 1)).toEqual(rowsOf(values, paper));
    expect(rowsOf(values, paper, 2)).toEqual(rowsOf(values, paper));
    expect(Math.max(...values)).toBeCloseTo(16, 6);
    // The dot, above the line.
    expect(Math.max(...rowsOf(values, paper)[1]!)).toBeGreaterThan(0);
  });

  test.each(ALL)("%s is as much of each of three channels as its colour has, and full in any other number of them", (ink) => {
    const middles = (channels: number): number[] => {
      const paper = { channels, height: 16, width: 16, top: 2 };
      const values = inkOf([{ stroke: [...LINE, [0.5, 0.5]], ink }], paper);
      return Array.from({ length: channels }, (_, channel) => Math.max(...rowsOf(values, paper, channel)[8]!) / 2);
    };
    INKS[ink].parts.forEach((part, channel) => expect(middles(3)[channel]).toBeCloseTo(part, 2));
    for (const channels of [1, 2, 4]) expect(middles(channels)).toEqual(Array(channels).fill(1));
  });

  test("what is drawn later lies over what was drawn before, and black takes it away", () => {
    const paper = { channels: 3, height: 16, width: 16, top: 1 };
    const [red, blue, black] = (["red", "blue", "black"] as const).map((ink): Line => ({ stroke: LINE, ink }));
    const at = (lines: Line[]): number[] => [0, 1, 2].map((channel) => rowsOf(inkOf(lines, paper), paper, channel)[8]![8]!);
    expect(at([red!, blue!])).toEqual(at([blue!]));
    expect(at([blue!, red!])).toEqual(at([red!]));
    expect(at([red!, blue!, black!])).toEqual([0, 0, 0]);
  });

  test("no strokes are an empty picture", () => {
    expect(inkOf([], { channels: 1, height: 5, width: 5, top: 1 })).toEqual(new Float64Array(25));
  });
});
