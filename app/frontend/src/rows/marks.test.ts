import { expect, test } from "vitest";

import { rightFor, rowsOf, type DataSet } from "./dataSet";
import { marksOn } from "./marks";

const DATA: DataSet = {
  name: "rain",
  title: "",
  origin: "",
  target: "rain",
  class_names: ["dry", "rain"],
  inputs: [[0, 0], [1, 1], [2, 0], [0, 9]],
  targets: [0, 1, 1, 0],
  held_out_rows: [false, false, true, true],
};

test("each class and part has marks where its rows are, and those beside the map none", () => {
  const marks = marksOn(DATA, [[0, 4], [0, 2]]);
  expect(marks.map(({ kind, heldOut, count }) => [kind, heldOut, count])).toEqual([[0, false, 1], [1, false, 1], [0, true, 1], [1, true, 1]]);
  expect(marks.map(({ path }) => path)).toEqual(["M0.000 1.000h0", "M0.250 0.500h0", "", "M0.500 1.000h0"]);
});

test("rows are told by their part, and what is right by its name", () => {
  expect(rowsOf(DATA, true)).toEqual([2, 3]);
  expect(rightFor(DATA, 2, String)).toBe("rain");
  expect(rightFor({ ...DATA, class_names: [], targets: [[0.5], [1], [2], [3]] }, 0, String)).toBe("0.5");
});
