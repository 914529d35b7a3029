import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

import { inputsNamed, outputsNamed } from "../model/naming";
import { neuronNames } from "./names";

interface Case {
  why: string;
  sizes: number[];
  inputs?: string[];
  outputs?: string[];
  names: string[][];
}

const cases = JSON.parse(readFileSync("../../tests/adelante/network/dense/names.json", "utf8")) as Case[];

test.each(cases)("the page calls neurons as the command line does: $why", ({ sizes, inputs, outputs, names }) => {
  const count = sizes.at(-1)!;
  const layers = sizes.slice(1).map((size, k) => ({
    name: "",
    activation: "identity",
    weights: Array.from({ length: sizes[k]! }, () => Array.from({ length: size }, () => 0)),
    biases: Array.from({ length: size }, () => 0),
  }));
  const state = {
    preset: null,
    inputs: Array.from({ length: sizes[0]! }, () => 0),
    inputNames: inputs ?? inputsNamed(sizes[0]!),
    inputRanges: [],
    outputNames: outputs ?? outputsNamed([], count),
    layers,
    seed: 0,
  };
  expect(neuronNames(state)).toEqual(names);
});
