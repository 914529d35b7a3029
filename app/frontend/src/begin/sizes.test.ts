import { expect, test } from "vitest";

import { parametersIn, proposed, sizesIn } from "./sizes";

test.each(["4-8-8-3", " 4, 8, 8, 3 ", "4 8 8 3", "4→8→8→3", "[4, 8, 8, 3]", "4x8x8x3", "4 – 8 – 8 – 3"])("%j is four sizes", (text) =>
  expect(sizesIn(text)).toEqual([4, 8, 8, 3]),
);

test.each([
  ["", "two-sizes"],
  ["4", "two-sizes"],
  ["4-eight-3", "not-a-size"],
  ["4-8.5-3", "not-a-size"],
  ["4-0-3", "zero"],
  ["4-65-3", "most-neurons"],
  [Array.from({ length: 18 }, () => 2).join("-"), "most-layers"],
])("%j is refused: %s", (text, key) => expect(sizesIn(text)).toMatchObject({ key: `studio.begin-${key}` }));

test("sixteen layers of sixty-four neurons are taken", () => {
  const sizes = Array.from({ length: 17 }, () => 64);
  expect(sizesIn(sizes.join("-"))).toEqual(sizes);
});

test("activations are proposed by what the last layer can mean", () => {
  expect(proposed([3, 2, 1]).output).toBe("sigmoid");
  expect(proposed([4, 8, 8, 3])).toEqual({ hidden: "tanh", output: "softmax" });
});

test("parameters are counted, biases among them", () => expect(parametersIn([4, 8, 8, 3])).toBe(5 * 8 + 9 * 8 + 9 * 3));
