import { describe, expect, test } from "vitest";

import { names, studioPart } from "./parts";

describe("what a phrase names", () => {
  test("neurons, edges and biases are the studio's", () => {
    expect(studioPart("neuron 1 0")).toEqual({ kind: "neuron", layer: 1, neuron: 0 });
    expect(studioPart("edge 2 1 0")).toEqual({ kind: "edge", layer: 2, from: 1, to: 0 });
    expect(studioPart("bias 1 1")).toEqual({ kind: "bias", layer: 1, neuron: 1 });
    expect(studioPart("layer 1")).toBeNull();
    expect(studioPart("tensor row")).toBeNull();
  });

  test("a phrase lights up for its own part only", () => {
    expect(names("neuron 1 0", { kind: "neuron", layer: 1, neuron: 0 })).toBe(true);
    expect(names("neuron 1 0", { kind: "bias", layer: 1, neuron: 0 })).toBe(false);
    expect(names("edge 1 0 0", { kind: "edge", layer: 1, from: 0, to: 0 })).toBe(true);
    expect(names("edge 1 0 0", { kind: "edge", layer: 1, from: 1, to: 0 })).toBe(false);
    expect(names("neuron 1 0", null)).toBe(false);
  });

  test("a layer's phrase lights up for each of its neurons", () => {
    expect(names("layer 1", { kind: "neuron", layer: 1, neuron: 3 })).toBe(true);
    expect(names("layer 1", { kind: "neuron", layer: 2, neuron: 0 })).toBe(false);
  });
});
