import { describe, expect, test } from "vitest";

import type { StudioState } from "../model/types";
import { LOCKED } from "./assignment";
import { breaks } from "./locks";

const BEFORE: StudioState = {
  preset: null,
  inputs: [1],
  inputNames: ["x1"],
  inputRanges: [[-1, 1]],
  outputNames: ["y"],
  seed: 7,
  layers: [
    { name: "hidden", weights: [[1, -2]], biases: [0.5, 0], activation: "relu" },
    { name: "output", weights: [[3], [4]], biases: [0], activation: "identity" },
  ],
};
const [HIDDEN, OUTPUT] = BEFORE.layers as [StudioState["layers"][0], StudioState["layers"][0]];

/** What each step changes, by the part that a link may lock. */
const STEPS: Record<string, { after: StudioState; changes: string[] }> = {
  nothing: { after: { ...BEFORE, inputs: [1] }, changes: [] },
  "a name": { after: { ...BEFORE, outputNames: ["z"] }, changes: [] },
  "an input": { after: { ...BEFORE, inputs: [0.5] }, changes: ["inputs"] },
  "a weight": { after: { ...BEFORE, layers: [{ ...HIDDEN, weights: [[1, 9]] }, OUTPUT] }, changes: ["weights"] },
  "a bias": { after: { ...BEFORE, layers: [HIDDEN, { ...OUTPUT, biases: [1] }] }, changes: ["weights"] },
  "a function": { after: { ...BEFORE, layers: [{ ...HIDDEN, activation: "tanh" }, OUTPUT] }, changes: ["layers"] },
  "a neuron less": {
    after: { ...BEFORE, layers: [{ ...HIDDEN, weights: [[1]], biases: [0.5] }, { ...OUTPUT, weights: [[3]] }] },
    changes: ["layers"],
  },
  "another network": {
    after: { ...BEFORE, inputs: [2], layers: [{ ...HIDDEN, biases: [0, 0] }, OUTPUT] },
    changes: ["inputs", "weights"],
  },
};

describe("what a link locks", () => {
  test.each(Object.entries(STEPS))("%s", (_, { after, changes }) => {
    for (const part of LOCKED) expect(breaks([part], BEFORE, after), part).toBe(changes.includes(part));
    expect(breaks([], BEFORE, after)).toBe(false);
    expect(breaks(LOCKED, BEFORE, after)).toBe(changes.length > 0);
  });
});
