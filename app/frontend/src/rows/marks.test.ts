import { expect, test } from "vitest";

import { rightFor, rowsOf, type DataSet } from "./dataSet";
import { formOf, marksAlong, marksOn } from "./marks";

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

test("each of ten classes has a form of its own, which no colour has to tell", () => {
  const forms = Array.from({ length: 10 }, (_, kind) => formOf(kind));
  // The first two are dots, round and square by their style.
  expect(new Set(forms).size).toBe(9);
  expect(formOf(10)).toBe(formOf(0));
  const iris = { ...DATA, class_names: ["setosa", "versicolor", "virginica"], targets: [0, 1, 2, 2], inputs: [[0, 0], [1, 1], [2, 0], [1, 2]] };
  const marks = marksOn(iris, [[0, 4], [0, 2]]);
  expect(marks.map(({ count }) => count)).toEqual([1, 1, 0, 0, 0, 2]);
  expect(marks[5]!.path).toBe(`M0.500 1.000${formOf(2)}M0.250 0.000${formOf(2)}`);
});

test("rows of one input stand at their own numbers", () => {
  const line = { ...DATA, class_names: [], inputs: [[0], [1], [2], [3]], targets: [[5], [6], [7], [8]] };
  const marks = marksAlong(line, (x) => 10 * x, (y) => 100 - y);
  expect(marks).toEqual([
    { kind: 0, heldOut: false, count: 2, path: "M0.0 95.0h0M10.0 94.0h0" },
    { kind: 0, heldOut: true, count: 2, path: "M20.0 93.0h0M30.0 92.0h0" },
  ]);
});
