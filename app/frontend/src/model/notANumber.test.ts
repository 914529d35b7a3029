import { expect, test } from "vitest";

import { causeOfNaN } from "./notANumber";

const usual = { values: [1, 2], weights: [1, 1], sums: [NaN, 1], neuron: 0, elementwise: true };

test("two infinite terms of opposite signs", () => {
  expect(causeOfNaN({ ...usual, values: [Infinity, Infinity], weights: [1, -1] })).toEqual({ kind: "difference" });
  expect(causeOfNaN({ ...usual, values: [3, 2], weights: [3e38, -3e38] })).toEqual({ kind: "difference" });
});

test("an infinite value and a weight of 0, or of −0", () => {
  expect(causeOfNaN({ ...usual, values: [Infinity, 2], weights: [0, 1] })).toEqual({ kind: "product" });
  expect(causeOfNaN({ ...usual, values: [2, -Infinity], weights: [1, -0] })).toEqual({ kind: "product" });
});

test("a value that had none before goes first", () => {
  expect(causeOfNaN({ ...usual, values: [Infinity, NaN], weights: [0, 1] })).toEqual({ kind: "value", from: 1 });
});

test("the function of a sum that has a value", () => {
  expect(causeOfNaN({ ...usual, sums: [-Infinity, 1] })).toEqual({ kind: "function" });
});

test("softmax takes the largest sum from all of them, and every sum of the layer", () => {
  const softmax = { ...usual, elementwise: false };
  expect(causeOfNaN({ ...softmax, sums: [Infinity, 10] })).toEqual({ kind: "difference" });
  expect(causeOfNaN({ ...softmax, sums: [1, NaN] })).toEqual({ kind: "sum", neuron: 1 });
});
