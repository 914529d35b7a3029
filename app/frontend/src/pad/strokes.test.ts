import { expect, test } from "vitest";

import { CELLS, isSet, longer, pathOf, pathOfBits, PEN, toggled, type Stroke } from "./strokes";

test("a stroke keeps to the pad and takes no step that is too small to see", () => {
  let stroke: Stroke = [];
  for (const point of [[0.5, 0.5], [0.502, 0.5], [0.6, 1.4], [-3, 0.2]] as const) stroke = longer(stroke, point);
  expect(stroke).toEqual([[0.5, 0.5], [0.6, 1], [0, 0.2]]);
});

test("a key sets a cell and takes it back, beside what was drawn by hand", () => {
  const drawn: Stroke[] = [[[0.1, 0.1], [0.9, 0.9]]];
  const set = toggled(drawn, 3, 4);
  expect(isSet(set, 3, 4)).toBe(true);
  expect(isSet(set, 4, 3)).toBe(false);
  expect(toggled(set, 3, 4)).toEqual(drawn);
});

test("dots of cells that touch at a corner touch", () => expect(Math.SQRT2 / CELLS).toBeLessThan(PEN));

test("bits become one rectangle for each run", () => {
  expect(pathOfBits([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0]])).toBe("M1 0h2v1H1zM4 0h1v1H4z");
  expect(pathOf([[0.5, 0.25]])).toBe("M0.5 0.25h0");
  expect(pathOf([[0, 0], [1, 0.5]])).toBe("M0 0L1 0.5");
});
