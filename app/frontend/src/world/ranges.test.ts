import { expect, test } from "vitest";

import { rangeOf } from "./ranges";
import type { Outline } from "./types";

const input = { name: "inputs", shape: [1, 2, 2], dtype: "float32" };

function rangeWith(numbers: readonly number[], changed: readonly (readonly [number, number])[] = [], sort = "picture"): readonly [number, number] {
  const outline = { id: "x", inputs: [input], layers: [], outputs: [], parameters: 0, dtype: "float32" } as unknown as Outline;
  const kept = { base: Float64Array.from(numbers), changed: new Map(changed.map(([at, value]) => [at, { value, was: null }])) };
  return rangeOf({ outline, tensors: new Map([["inputs", input]]), startings: [{ sort }], state: { outline, tensors: new Map([["inputs", kept]]) }, preset: null }, "inputs");
}

test("a slider of a picture goes from none to all, and has room for what is no picture", () => {
  expect(rangeWith([0, 0.5, 1, 0])).toEqual([0, 1]);
  expect(rangeWith([0, -1.53, 3.2, 0])).toEqual([-4, 4]);
  expect(rangeWith([0, 0.5, 1, 0], [[2, -7.5]])).toEqual([-8, 8]);
});

test("other numbers have three on each side, and more where they are larger", () => {
  expect(rangeWith([0, 0.5, 1, 0], [], "noise")).toEqual([-3, 3]);
  expect(rangeWith([0, 0.5, -5.5, 0], [], "noise")).toEqual([-6, 6]);
});
