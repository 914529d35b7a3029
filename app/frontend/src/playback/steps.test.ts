import { expect, test } from "vitest";

import { masked } from "./masked";
import { GRAINS, knownAfter, sameMoment, stepAt, stepCount, type Grain } from "./steps";

const SIZES = [3, 2, 1];
const all = (grain: Grain) => Array.from({ length: stepCount(SIZES, grain) }, (_, i) => stepAt(SIZES, grain, i));

test("by layer and by neuron", () => {
  expect(all("layer")).toEqual([{ kind: "inputs" }, { kind: "layer", layer: 1 }, { kind: "layer", layer: 2 }]);
  expect(all("neuron")).toEqual([
    { kind: "inputs" },
    { kind: "neuron", layer: 1, neuron: 0 },
    { kind: "neuron", layer: 1, neuron: 1 },
    { kind: "neuron", layer: 2, neuron: 0 },
  ]);
});

test("by term: every product, the bias, then the function", () => {
  const kinds = all("term").map(({ kind }) => kind);
  expect(kinds).toEqual([
    "inputs",
    ...["term", "term", "term", "bias", "activation"],
    ...["term", "term", "term", "bias", "activation"],
    ...["term", "term", "bias", "activation"],
  ]);
  expect(all("term")[7]).toEqual({ kind: "term", layer: 1, neuron: 1, from: 1 });
});

test("there is no step outside the pass", () => {
  for (const grain of GRAINS) {
    expect(() => stepAt(SIZES, grain, stepCount(SIZES, grain))).toThrow(RangeError);
    expect(() => stepAt(SIZES, grain, -1)).toThrow(RangeError);
  }
});

test("z is known with its bias, a one step later", () => {
  const after = (i: number) => knownAfter(SIZES, stepAt(SIZES, "term", i));
  expect(after(0)).toEqual({ layer: 1, sums: 0, activations: 0, terms: -1 });
  expect(after(1)).toEqual({ layer: 1, sums: 0, activations: 0, terms: 1 });
  expect(after(3)).toEqual({ layer: 1, sums: 0, activations: 0, terms: 3 });
  expect(after(4)).toEqual({ layer: 1, sums: 1, activations: 0, terms: 4 });
  expect(after(5)).toEqual({ layer: 1, sums: 1, activations: 1, terms: -1 });
  expect(after(14)).toEqual({ layer: 2, sums: 1, activations: 1, terms: -1 });
});

test.each(GRAINS)("by %s, what is known only grows, and in the end is all", (grain) => {
  const known = all(grain).map((step) => knownAfter(SIZES, step));
  const size = ({ layer, sums, activations, terms }: (typeof known)[number]): number =>
    layer * 1e6 + activations * 1e4 + sums * 1e2 + terms;
  expect(known.map(size)).toEqual(known.map(size).toSorted((a, b) => a - b));
  expect(known.at(-1)).toMatchObject({ layer: 2, activations: 1, sums: 1 });
});

test("another grain goes on from the same moment", () => {
  const term = { kind: "term", layer: 1, neuron: 1, from: 1 } as const;
  expect(stepAt(SIZES, "neuron", sameMoment(SIZES, "neuron", term))).toEqual({ kind: "neuron", layer: 1, neuron: 0 });
  expect(stepAt(SIZES, "layer", sameMoment(SIZES, "layer", term))).toEqual({ kind: "inputs" });
  const neuron = { kind: "neuron", layer: 2, neuron: 0 } as const;
  expect(stepAt(SIZES, "term", sameMoment(SIZES, "term", neuron))).toEqual({ kind: "activation", layer: 2, neuron: 0 });
});

test("no array holds more than is known", () => {
  const floats = (count: number) => Float32Array.from({ length: count }, (_, i) => i + 1);
  const pass = {
    seq: 1,
    arrays: new Map([
      ["inputs", floats(3)],
      ["layers.0.pre_activations", floats(2)],
      ["layers.0.activations", floats(2)],
      ["layers.1.pre_activations", floats(1)],
      ["layers.1.activations", floats(1)],
      ["explain.0.1.contributions", floats(3)],
      ["explain.0.1.running", floats(4)],
      ["explain.1.0.running", floats(3)],
      ["differences.0", floats(3)],
      ["differences.1", floats(2)],
      ["shares.0.shares", floats(2)],
      ["sweep.w0.0.0.outputs", floats(8)],
      ["sweep.w0.0.0.values", floats(8)],
      ["grid.g.layers.0.activations", floats(8)],
      ["batch.rows1.outputs", floats(4)],
      ["batch.rows1.0-1-2-3.layers.0.pre_activations", floats(8)],
      ["batch.rows1.0-1-2-3.layers.0.activations", floats(8)],
    ]),
  };
  const lengths = (i: number) =>
    Object.fromEntries([...masked(pass, knownAfter(SIZES, stepAt(SIZES, "term", i)), SIZES).arrays].map(([k, v]) => [k, v.length]));
  expect(lengths(0)).toEqual({ inputs: 3, "differences.0": 3, "differences.1": 0, "shares.0.shares": 0, "layers.0.pre_activations": 0, "layers.0.activations": 0, "sweep.w0.0.0.values": 8, "batch.rows1.outputs": 4 });
  expect(lengths(7)).toEqual({
    inputs: 3,
    "differences.0": 3,
    "differences.1": 1,
    "shares.0.shares": 0,
    "layers.0.pre_activations": 1,
    "layers.0.activations": 1,
    "explain.0.1.contributions": 2,
    "explain.0.1.running": 2,
    "sweep.w0.0.0.values": 8,
    "batch.rows1.outputs": 4,
  });
  expect(lengths(14)).toEqual(Object.fromEntries([...pass.arrays].map(([k, v]) => [k, v.length])));
});
