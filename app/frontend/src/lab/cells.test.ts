import { describe, expect, test } from "vitest";

import { cellsOf, readCells, shapeText, sharing } from "./cells";
import type { LabAnswer, LabTensor } from "./protocol";

const tensor = (shape: number[], stride: number[], offset = 0, storage = "s0"): LabTensor => ({
  kind: "torch",
  dtype: "int64",
  shape,
  stride,
  offset,
  storage,
});

describe("cells", () => {
  test("a table reads its storage row after row", () => {
    expect(cellsOf(tensor([2, 3], [3, 1])).map(({ at }) => at)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a transposed table reads it in jumps", () => {
    const cells = cellsOf(tensor([3, 2], [1, 3]));
    expect(cells.map(({ at }) => at)).toEqual([0, 3, 1, 4, 2, 5]);
    expect(cells[1]!.place).toEqual([0, 1]);
  });

  test("an offset is where reading begins, and no dimension is one cell", () => {
    expect(cellsOf(tensor([], [], 4))).toEqual([{ place: [], at: 4 }]);
    expect(cellsOf(tensor([2], [1], 3)).map(({ at }) => at)).toEqual([3, 4]);
  });

  test("no element, no cell", () => {
    expect(cellsOf(tensor([0, 3], [3, 1]))).toEqual([]);
  });

  test("shapes are written as Python writes them", () => {
    expect([shapeText([3]), shapeText([2, 3]), shapeText([])]).toEqual(["(3,)", "(2, 3)", "()"]);
  });

  test("who shares, and what nobody reads", () => {
    const answer: LabAnswer = {
      tensors: { a: tensor([2], [1]), b: tensor([1, 2], [2, 1]), c: tensor([2], [1], 0, "s1") },
      storages: { s0: { size: 3, values: [1, 2, 3] }, s1: { size: 2, values: [1, 2] } },
      lines: [],
    };
    expect(sharing(answer, "a")).toEqual(["b"]);
    expect(sharing(answer, "c")).toEqual([]);
    expect([...readCells(answer, "s0")]).toEqual([0, 1]);
  });
});
