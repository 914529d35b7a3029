import { expect, test } from "vitest";

import { rowOf, rowsOf } from "./batch.svelte";

test("a refusal is about a row of the batch, of one input or of several", () => {
  expect(["/inputs/3/0", "/inputs/words/3/0", "/inputs/3", "/inputs/words", "/network", ""].map(rowOf)).toEqual([3, 3, 3, null, null, null]);
});

test("a row's outputs are those of all outputs, in their order", () => {
  expect(rowsOf([[1, 2], [3, null]], 2).map((row) => [...row])).toEqual([[1, 2], [3, NaN]]);
  expect(rowsOf({ rebuilt: [[1, 2], [3, 4]], mean: [[[5]], [[6]]] }, 2).map((row) => [...row])).toEqual([[1, 2, 5], [3, 4, 6]]);
});
