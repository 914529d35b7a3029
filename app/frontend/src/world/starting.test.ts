import { expect, test } from "vitest";

import { startingValues } from "./starting";
import type { Outline } from "./types";

const inputs = ["inputs.left", "inputs.right"].map((name) => ({ name, shape: [1, 8, 8], dtype: "float32" }));
const outline = { inputs, layers: [] } as unknown as Outline;

test("inputs of one shape begin with different numbers, the same ones at every visit", () => {
  for (const sort of ["picture", "noise"] as const) {
    const [left, right] = inputs.map((input) => startingValues(input, outline, 1, sort).values);
    expect(left).not.toEqual(right);
    expect(startingValues(inputs[1]!, outline, 2, sort).values).not.toEqual(left);
    expect(inputs.map((input) => startingValues(input, outline, 1, sort).values)).toEqual([left, right]);
  }
  expect(startingValues(inputs[0]!, outline, 1, "noise").values).toEqual(startingValues(inputs[0]!, { ...outline, inputs: [inputs[0]!] }, 1, "noise").values);
});
