import { expect, test } from "vitest";

import { withNonFinite } from "../../studio/nonFinite";
import { rowOf, rowsOf } from "./batch.svelte";

test("a refusal is about a row of the batch, of one input or of several", () => {
  expect(["/inputs/3/0", "/inputs/words/3/0", "/inputs/3", "/inputs/words", "/network", ""].map(rowOf)).toEqual([3, 3, 3, null, null, null]);
});

test("a row's outputs are those of all outputs, in their order", () => {
  expect(rowsOf([[1, 2], [3, 4]], 2).map((row) => [...row])).toEqual([[1, 2], [3, 4]]);
  expect(rowsOf({ rebuilt: [[1, 2], [3, 4]], mean: [[[5]], [[6]]] }, 2).map((row) => [...row])).toEqual([[1, 2, 5], [3, 4, 6]]);
});

test("what is not finite is what it says it is, of one output and of several", () => {
  const listed = (...values: [string, string][]) => values.map(([pointer, value]) => ({ pointer, value }));
  const one = withNonFinite({ outputs: [[1, null], [null, null]], non_finite: listed(["/outputs/0/1", "Infinity"], ["/outputs/1/0", "-Infinity"], ["/outputs/1/1", "NaN"]) });
  expect(rowsOf(one.outputs, 2).map((row) => [...row])).toEqual([[1, Infinity], [-Infinity, NaN]]);
  const several = withNonFinite({ outputs: { "a/b": [[[null]]], c: [[2]] }, non_finite: listed(["/outputs/a~1b/0/0/0", "-Infinity"]) });
  expect(rowsOf(several.outputs, 1).map((row) => [...row])).toEqual([[-Infinity, 2]]);
});
