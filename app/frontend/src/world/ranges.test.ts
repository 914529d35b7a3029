import { expect, test } from "vitest";

import { isWhole, rangeOf, sliderRange } from "./ranges";
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

test("a whole number has the ends of what it is", () => {
  const tensors = new Map(["bool", "uint8", "int8", "int64", "float32"].map((dtype) => [dtype, { name: dtype, shape: [3], dtype }]));
  const words = { name: "words", shape: [3], dtype: "int64" };
  const embedding = { kind: "embedding", takes: [], parameters: [{ name: "e.weights", shape: [11, 4], dtype: "float32" }, words] };
  const outline = { inputs: [], layers: [embedding] } as unknown as Outline;
  const given = { outline, tensors: tensors.set("words", words), startings: [], state: { outline, tensors: new Map() }, preset: null };
  const ends = (tensor: string, value: number): [number, number] => sliderRange(given, { tensor, at: [0] }, value);
  expect(ends("bool", 1)).toEqual([0, 1]);
  expect(ends("words", 3)).toEqual([0, 10]);
  expect(ends("uint8", 3)).toEqual([0, 4]);
  expect(ends("int8", 127)).toEqual([-128, 127]);
  expect(ends("int64", 5)).toEqual([-8, 8]);
  expect(ends("float32", 5)).toEqual([-8, 8]);
  expect(ends("float32", -Infinity)).toEqual([-4, 4]);
  expect([...tensors.values()].map(isWhole)).toEqual([true, true, true, true, false, true]);
});
