import { expect, test } from "vitest";

import { applied, difference } from "./difference";
import type { Change, Opening } from "./protocol";

const opening: Opening = {
  layers: [
    { name: "a", activation: "tanh", weights: [[1, 2], [3, 4]], biases: [0, 0] },
    { name: "b", activation: "identity", weights: [[5], [6]], biases: [7] },
  ],
  inputs: [0.5, -1],
};

const each: Change[] = [
  { inputs: [1, 2] },
  { layer: 0, activation: "relu" },
  { layer: 0, weight: [1, 0], value: 9 },
  { layer: 0, bias: 1, value: 9 },
  { layer: 1, weight: [0, 0], value: 9 },
];

test("what is alike differs in nothing", () => {
  expect(difference(opening, opening)).toEqual([]);
  expect(difference(opening, JSON.parse(JSON.stringify(opening)) as Opening)).toEqual([]);
});

test("a difference is the changes that were made, and its way back", () => {
  for (const change of each) expect(difference(opening, applied(opening, change))).toEqual([change]);
  const after = each.reduce(applied, opening);
  expect(difference(opening, after)).toEqual(each);
  const back = difference(after, opening)!;
  expect(back.reduce(applied, after)).toEqual(opening);
});

test("one input that moved", () => expect(applied(opening, { input: 1, value: 3 }).inputs).toEqual([0.5, 3]));

test("another shape, or too much, is sent whole", () => {
  expect(difference(opening, { ...opening, inputs: [1] })).toBeNull();
  expect(difference(opening, { ...opening, layers: opening.layers.slice(0, 1) })).toBeNull();
  const wider = { ...opening.layers[0]!, weights: [[1, 2, 3], [3, 4, 5]], biases: [0, 0, 0] };
  expect(difference(opening, { ...opening, layers: [wider, opening.layers[1]!] })).toBeNull();
  const many = (value: number): Opening => ({
    layers: [{ name: "", activation: "relu", weights: [Array<number>(300).fill(value)], biases: Array<number>(300).fill(0) }],
    inputs: [1],
  });
  expect(difference(many(1), many(2))).toBeNull();
});
