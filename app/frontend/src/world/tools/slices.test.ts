import { expect, test } from "vitest";

import { cellAt, numbersOf, regionOf, sliceOf } from "./slices";

test("a list is one column", () => {
  const slice = sliceOf([3], 0, 0, 0);
  expect([slice.tables, slice.rowsShown, slice.columnsShown]).toEqual([1, 3, 1]);
  expect(numbersOf([5, 6, 7], [3], slice)).toEqual([[5], [6], [7]]);
  expect(regionOf([3], slice)).toEqual([[0, 3]]);
});

test("of maps one table each, from a row and a column on", () => {
  const shape = [2, 3, 40];
  const slice = sliceOf(shape, 1, 1, 32);
  expect(slice).toMatchObject({ tables: 2, at: [1], rowsShown: 2, columnsShown: 8 });
  expect(cellAt(shape, slice, 2, 39)).toEqual([1, 2, 39]);
  expect(regionOf(shape, slice)).toEqual([
    [1, 2],
    [1, 3],
    [32, 40],
  ]);
  const values = Array.from({ length: 240 }, (_, k) => k);
  expect(numbersOf(values, shape, slice)[0]!.slice(0, 2)).toEqual([192, 193]);
});

test("a single number is a table of one", () => expect(numbersOf([4], [], sliceOf([], 0, 0, 0))).toEqual([[4]]));
