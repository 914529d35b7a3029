import { expect, test } from "vitest";

import type { StudioState } from "../model/types";
import { fileOf, stateOfFile } from "./files";

const state: StudioState = {
  preset: "multilayer",
  inputs: [1 / 3],
  inputNames: ["age"],
  inputRanges: [[0, 90]],
  outputNames: ["y1", "y2"],
  layers: [
    { name: "hidden", activation: "tanh", weights: [[0.1]], biases: [1e-7], neuronNames: ["young"] },
    { name: "output", activation: "softmax", weights: [[1, 2]], biases: [0, 0] },
  ],
  seed: 12,
};

test("a file brings back the network, its names and its digits", () => {
  expect(stateOfFile(JSON.parse(JSON.stringify(fileOf(state))))).toEqual({ ...state, preset: null });
});

test("what is no file of the studio is left to the server", () => {
  for (const other of [null, 3, [], {}, { layers: [] }, { layers: [{ weights: [[1]] }], inputs: [1] }, { ...fileOf(state), inputs: [1, 2] }]) {
    expect(stateOfFile(other)).toBeNull();
  }
});
