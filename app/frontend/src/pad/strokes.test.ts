import { expect, test } from "vitest";

import { CELLS, longer, pathOf, pathOfBits, PEN, setIn, toggled, type Line, type Stroke } from "./strokes";

test("a stroke keeps to the pad and takes no step that is too small to see", () => {
  let stroke: Stroke = [];
  for (const point of [[0.5, 0.5], [0.502, 0.5], [0.6, 1.4], [-3, 0.2]] as const) stroke = longer(stroke, point);
  expect(stroke).toEqual([[0.5, 0.5], [0.6, 1], [0, 0.2]]);
});

test("a key sets a cell and takes it back, beside what was drawn by hand", () => {
  const drawn: Line[] = [{ stroke: [[0.1, 0.1], [0.9, 0.9]], ink: "white" }];
  const set = toggled(drawn, 3, 4, "white");
  expect(setIn(set, 3, 4)).toBe("white");
  expect(setIn(set, 4, 3)).toBeNull();
  expect(toggled(set, 3, 4, "white")).toEqual(drawn);
});

test("a key sets a cell anew in another ink, over what was drawn meanwhile", () => {
  const set = toggled(toggled(toggled([], 3, 4, "red"), 8, 8, "red"), 3, 4, "blue");
  expect(set.map(({ ink }) => ink)).toEqual(["red", "blue"]);
  expect(setIn(set, 3, 4)).toBe("blue");
  expect(setIn(toggled(set, 3, 4, "blue"), 3, 4)).toBeNull();
});

test("dots of cells that touch at a corner touch", () => expect(Math.SQRT2 / CELLS).toBeLessThan(PEN));

test("bits become one rectangle for each run", () => {
  expect(pathOfBits([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0]])).toBe("M1 0h2v1H1zM4 0h1v1H4z");
  expect(pathOf([[0.5, 0.25]])).toBe("M0.5 0.25h0");
  expect(pathOf([[0, 0], [1, 0.5]])).toBe("M0 0L1 0.5");
});
