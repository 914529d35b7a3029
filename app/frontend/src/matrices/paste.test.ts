import { describe, expect, test } from "vitest";

import { MOST_ROWS, readBatch } from "./paste";

const names = ["x1", "x2", "x3"];
const rows = [
  [0.5, -1, 2],
  [1.25, 0, -3],
];

describe("a batch is read", () => {
  test.each([
    ["CSV", "0.5,-1,2\n1.25,0,-3"],
    ["CSV with spaces and a last line end", "0.5, -1, 2\r\n1.25, 0, -3\r\n"],
    ["a spreadsheet's cells", "0.5\t-1\t2\n1.25\t0\t-3"],
    ["a Spanish spreadsheet's cells", "0,5\t−1\t2\n1,25\t0\t-3"],
    ["a Spanish CSV", "0,5;-1;2\n1,25;0;-3"],
    ["quoted cells", '"0,5","-1","2"\n"1,25","0","-3"'],
    ["columns of spaces with decimal commas", "0,5 -1 2\n1,25  0 -3"],
    ["names above", "x1,x2,x3\n0.5,-1,2\n1.25,0,-3"],
    ["names of other columns", "a;b;c\n0.5;-1;2\n1.25;0;-3"],
    ["columns in another order", "X3,x1,X2\n2,0.5,-1\n-3,1.25,0"],
    ["JSON", "[[0.5, -1, 2], [1.25, 0, -3]]"],
    ["the API's JSON", '{"inputs": [[0.5, -1, 2], [1.25, 0, -3]]}'],
    ["JSON by name", '[{"x1": 0.5, "x2": -1, "x3": 2}, {"x3": -3, "x2": 0, "x1": 1.25}]'],
    ["a byte order mark", "\uFEFF0.5,-1,2\n1.25,0,-3"],
  ])("%s", (_, text) => expect(readBatch(text, names)).toEqual({ rows, left: [] }));

  test("one vector", () => expect(readBatch("[1, 2, 3]", names)).toEqual({ rows: [[1, 2, 3]], left: [] }));
  test("a column that is no input is left out, and said", () =>
    expect(readBatch("x1,x2,x3,y\n1,2,3,9", names)).toEqual({ rows: [[1, 2, 3]], left: ["y"] }));
  test("one input a line, with a decimal comma", () =>
    expect(readBatch("0,5\n-1/2", ["x"])).toEqual({ rows: [[0.5], [-0.5]], left: [] }));
});

describe("what is wrong is said", () => {
  test.each([
    ["", "batch-empty", {}],
    ["[]", "batch-empty", {}],
    ["[[1, 2", "batch-not-json", {}],
    ["1,2\n3,4", "batch-width", { line: "1", got: "2", expected: "3" }],
    ["1,2,3\n4,5,six", "batch-not-a-number", { line: "2", text: "six" }],
    ["x1,x2,x3\n1,2,", "batch-not-a-number", { line: "2", text: "" }],
    ["[[1, 2, 3], [1, 2]]", "batch-width", { line: "2", got: "2", expected: "3" }],
    ['[[1, 2, "3"]]', "batch-not-a-number", { line: "1", text: '"3"' }],
    ["[[1, 2, 1e39]]", "batch-not-a-number", { line: "1", text: "1e+39" }],
    ["1 2 3\n".repeat(MOST_ROWS + 1), "batch-too-long", { count: "1001", most: "1000" }],
  ])("%j", (text, key, values) => expect(readBatch(text, names)).toEqual({ problem: { key: `studio.${key}`, values } }));
});
