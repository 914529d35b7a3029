import { describe, expect, test } from "vitest";

import { outlineOf, type OutlineDocument } from "../world/outline";
import type { LayerOutline, Outline, TensorOutline } from "../world/types";
import { boardOf, pictureShape } from "./board";
import { chainOf, mixes, watchesOf } from "./chain";
import { Layout } from "./decode";
import { kindTitle, kindWord, Names, printedAt } from "./names";
import { Way } from "./way.svelte";

const tensor = (name: string, ...shape: number[]): TensorOutline => ({ name, shape, dtype: "float32" });

function layer(index: number, kind: string, shape: number[], more: Partial<LayerOutline> = {}): LayerOutline {
  return {
    index,
    kind,
    name: "",
    activation: "identity",
    module: null,
    source: null,
    takes: index === 0 ? ["inputs"] : [`layers.${index - 1}.activations`],
    options: {},
    parameters: [],
    preActivations: null,
    activations: tensor(`layers.${index}.activations`, ...shape),
    ...more,
  };
}

const outline = (input: number[], ...layers: LayerOutline[]): Outline => ({
  id: "x",
  inputs: [tensor("inputs", ...input)],
  layers,
  outputs: [layers.at(-1)!.activations.name],
  parameters: 0,
  dtype: "float32",
});

const CONVOLUTION = outline(
  [2, 5, 5],
  layer(0, "conv2d", [3, 5, 5], {
    name: "edges",
    activation: "relu",
    parameters: [tensor("layers.0.weights", 3, 2, 3, 3), tensor("layers.0.biases", 3)],
    preActivations: tensor("layers.0.pre_activations", 3, 5, 5),
  }),
  layer(1, "max_pool2d", [3, 2, 2]),
  layer(2, "flatten", [12]),
  layer(3, "dense", [4], { parameters: [tensor("layers.3.weights", 12, 4)] }),
);

const ATTENTION = outline(
  [6, 8],
  layer(0, "dense", [6, 8], { name: "q" }),
  layer(1, "transpose", [8, 6]),
  layer(2, "matmul", [6, 6], { takes: ["layers.0.activations", "layers.1.activations"] }),
  layer(3, "div", [6, 6]),
  layer(4, "full", [6, 6], { takes: [], activations: { ...tensor("layers.4.activations", 6, 6), dtype: "bool" } }),
  layer(5, "masked_fill", [6, 6], { takes: ["layers.3.activations", "layers.4.activations"] }),
  layer(6, "softmax", [6, 6]),
  layer(7, "matmul", [6, 8], { takes: ["layers.6.activations", "layers.0.activations"] }),
);

describe("what is explained together", () => {
  const tensors = (network: Outline, name: string, at: number[]): string[] => chainOf(network, { tensor: name, at }).map((cell) => cell.tensor);

  test("an activation and its own sum", () => {
    expect(tensors(CONVOLUTION, "layers.0.activations", [0, 1, 1])).toEqual(["layers.0.pre_activations", "layers.0.activations"]);
    expect(tensors(CONVOLUTION, "layers.0.pre_activations", [0, 1, 1])).toEqual(["layers.0.pre_activations"]);
    expect(tensors(CONVOLUTION, "layers.1.activations", [0, 1, 1])).toEqual(["layers.1.activations"]);
  });

  test("attention's weight with its score, past what scales and masks it", () => {
    expect(tensors(ATTENTION, "layers.6.activations", [3, 1])).toEqual([2, 3, 5, 6].map((k) => `layers.${k}.activations`));
    expect(tensors(ATTENTION, "layers.3.activations", [3, 1])).toEqual(["layers.2.activations", "layers.3.activations"]);
    expect(tensors(ATTENTION, "layers.7.activations", [3, 1])).toEqual(["layers.7.activations"]);
  });

  test("a number that was given is made of nothing", () => {
    expect(chainOf(CONVOLUTION, { tensor: "inputs", at: [0, 0, 0] })).toEqual([]);
    expect(chainOf(CONVOLUTION, { tensor: "layers.0.weights", at: [0, 0, 0, 0] })).toEqual([]);
  });

  test("each is asked for by its place in the chain", () => {
    const watches = watchesOf(chainOf(CONVOLUTION, { tensor: "layers.0.activations", at: [0, 1, 1] }), 6);
    expect(watches.map((watch) => [watch.as, "terms" in watch && watch.terms])).toEqual([["why.0", 6], ["why.1", 6]]);
  });
});

describe("boards", () => {
  const window = (rows: number[], columns: number[], channels = [0, 1]) => {
    const cells = channels.flatMap((c) => rows.flatMap((y) => columns.map((x) => [c, y, x])));
    return new Layout({
      name: "w", tensor: "layers.0.pre_activations", at: [1, 0, 0], form: "sum-of-products", constants: [],
      parts: [{ tensor: "inputs", at: cells, parameter: { tensor: "layers.0.weights", at: cells.map(([c, y, x]) => [1, c!, y! + 1, x! + 1]) } }],
    });
  };

  test("a window in a corner stands where its kernel is, one panel a channel", () => {
    const layout = window([0, 1], [0, 1]);
    const board = boardOf(CONVOLUTION, layout, layout.groups[0]!)!;
    expect([board.sort, board.rows, board.columns, board.panel]).toEqual(["picture", 3, 7, [3, 3]]);
    // The kernel's first row and column lie outside the picture.
    expect([...board.parts]).toEqual([-1, -1, -1, -1, -1, -1, -1, -1, 0, 1, -1, -1, 4, 5, -1, 2, 3, -1, -1, 6, 7]);
    expect([...board.cells].every((cell, place) => board.parts[cell] === place)).toBe(true);
  });

  test("a row of queries and a column of keys are strips: what is multiplied with in another tensor of the pass is no kernel", () => {
    const cells = Array.from({ length: 8 }, (_, k) => [0, 6, k]);
    const parts = [{ tensor: "layers.0.activations", at: cells, parameter: { tensor: "layers.1.activations", at: cells.map(([, , k]) => [0, k!, 3]) } }];
    const layout = new Layout({ name: "r", tensor: "y", at: [0, 6, 3], form: "sum-of-products", constants: [], parts });
    const board = boardOf(outline([12, 16], layer(0, "transpose", [2, 12, 8]), layer(1, "transpose", [2, 8, 12])), layout, layout.groups[0]!)!;
    expect([board.sort, board.rows, board.columns]).toEqual(["strip", 1, 8]);
  });

  test("a row that was a picture, and 784 numbers", () => {
    expect(pictureShape(CONVOLUTION, "layers.2.activations", 12)).toEqual([3, 2, 2]);
    const digits = outline([784], layer(0, "dense", [128]), layer(1, "dense", [10]));
    expect(pictureShape(digits, "inputs", 784)).toEqual([1, 28, 28]);
    expect(pictureShape(digits, "layers.0.activations", 128)).toBeNull();
  });

  test("a row is a strip, in as many lines as it needs; one number is none", () => {
    const row = (count: number) => {
      const layout = new Layout({ name: "r", tensor: "y", at: [0], form: "sum", constants: [], parts: [{ tensor: "layers.0.activations", at: Array.from({ length: count }, (_, k) => [2, k]) }] });
      return boardOf(ATTENTION, layout, layout.groups[0]!);
    };
    expect([row(8)!.sort, row(8)!.rows, row(8)!.columns]).toEqual(["strip", 1, 8]);
    expect([row(100)!.rows, row(100)!.columns]).toEqual([2, 50]);
    expect([row(1), row(1000)]).toEqual([null, null]);
  });
});

test("layers are called by their names, or by what their kinds are called, those that are twice by their number too", () => {
  const t = (key: string, values?: object): string => (key === "world.kind-matmul" ? "matrix product" : `${key}${values ? JSON.stringify(values) : ""}`);
  const names = new Names(ATTENTION, t);
  expect(names.tensor("layers.0.activations")).toBe("q");
  expect([names.tensor("layers.2.activations"), names.tensor("layers.7.activations")]).toEqual(["matrix product 3", "matrix product 8"]);
  expect(names.heading("layers.2.activations")).toEqual({ name: "matrix product", number: 3 });
  expect(names.heading("layers.0.activations").number).toBeNull();
  expect(names.cell({ tensor: "layers.3.activations", at: [0, 5] })).toBe("div[1, 6]");
  expect(new Names(CONVOLUTION, t).tensor("layers.0.weights")).toBe('forms.of-layer{"what":"forms.parameter-weights","layer":"edges"}');
  expect(printedAt([])).toBe("");
  const prelu = { ...layer(1, "prelu", [4]), parameters: [tensor("layers.1.other")] };
  expect(new Names(outline([4], layer(0, "dense", [4]), prelu), t).short("layers.1.other")).toBe("forms.parameter-slope");
  // What a module learns that is used twice is called by it alone.
  const step = { name: "step", module: "step", parameters: [tensor("step.weights")] };
  const twice = new Names(outline([4], { ...layer(0, "dense", [4]), ...step }, { ...layer(1, "dense", [4]), ...step }), t);
  expect(twice.tensor("layers.0.activations")).toBe("step 1");
  expect(twice.tensor("step.weights")).toBe('forms.of-layer{"what":"forms.parameter-weights","layer":"step"}');
  // What two modules share is called by both, whichever of them is looked at.
  const head = { name: "head", parameters: step.parameters };
  const tied = new Names(outline([4], { ...layer(0, "embedding", [4]), ...step }, { ...layer(1, "dense", [4]), ...head }, { ...layer(2, "dense", [4]), ...step }), t);
  expect(tied.tensor("step.weights")).toBe('forms.of-layer{"what":"forms.parameter-weights","layer":"step/head"}');
});

test("a kind is called by the field's word, of pictures without how many sides they have", () => {
  const words: Record<string, string> = { "world.kind-conv": "convolution", "world.kind-max_pool_indices": "places" };
  const t = (key: string, values: object = {}): string => words[key] ?? (key === "world.kind-in" ? Object.values(values).join(" ") : key);
  expect(["conv2d", "conv1d", "max_pool3d_indices", "log2", "own"].map((kind) => kindWord(kind, t))).toEqual(["convolution", "convolution 1", "places 3", "log2", "own"]);
  expect(["conv2d", "own"].map((kind) => kindTitle(kind, t))).toEqual(["convolution (conv2d)", "own"]);
});

test("shares are looks where a product mixes by them, past what only moves them, and nowhere else", () => {
  const takes = (index: number, kind: string, from: readonly number[]): LayerOutline => ({ ...layer(index, kind, [6, 6]), takes: from.map((k) => `layers.${k}.activations`) });
  const found = [takes(0, "dense", []), takes(1, "matmul", [0, 0]), takes(2, "softmax", [1]), takes(3, "unsqueeze", [2]), takes(4, "matmul", [3, 0]), takes(5, "matmul", [0, 4]), takes(6, "log_softmax", [5])];
  expect(found.map((each) => mixes(outline([4], ...found), each))).toEqual([false, false, true, false, false, false, false]);
});

test("over a layer stands the name that it has where its numbers are explained, without the path", () => {
  const written = (index: number, kind: string, module: string | null, takes: string[] = []): OutlineDocument["layers"][number] => {
    const { preActivations: pre_activations, ...of } = layer(index, kind, [4], { module });
    return { ...of, name: null, pre_activations, ...(takes.length > 0 && { takes }) };
  };
  const layers = [
    written(0, "dense", "block.attention_of_the_decoder"),
    written(1, "matmul", "block.attention_of_the_decoder"),
    written(2, "softmax", "block.attention_of_the_decoder"),
    written(3, "matmul", "block.attention_of_the_decoder"),
    written(4, "dense", "block.head"),
    written(5, "dense", "other.head"),
    { ...written(6, "expand", null), parameters: [tensor("layers.6.inputs")] },
  ];
  const found = outlineOf({ ...outline([4], layer(0, "dense", [4])), inputs: [], outputs: [], layers });
  const names = new Names(found, (key) => key);
  const of = (k: number): string[] => [names.tensor(`layers.${k}.activations`), names.title(`layers.${k}.activations`)];
  // A module of several kinds is told by its frame, and the layers in it by their kinds.
  expect([0, 1, 2, 3].map(of)).toEqual([["dense", "dense"], ["matmul 2", "matmul 2"], ["softmax", "softmax"], ["matmul 4", "matmul 4"]]);
  expect([4, 5].map(of)).toEqual([["block.head", "head"], ["other.head", "head"]]);
  // It can be learned, and has a slider: no fixed number.
  expect(names.tensor("layers.6.inputs")).toBe("forms.of-layer");
  expect(names.short("layers.6.inputs")).toBe("forms.parameter-own");
});

test("a way goes on with a part, back to any of its cells, and begins anew with another", () => {
  const cell = (k: number) => ({ tensor: "t", at: [k] });
  const way = new Way();
  way.arrive(cell(1), false);
  way.arrive(cell(2), true);
  way.arrive(cell(3), true);
  way.arrive(cell(3), false);
  expect(way.cells).toEqual([cell(1), cell(2), cell(3)]);
  expect(way.before).toEqual(cell(2));
  way.arrive(cell(1), true);
  expect(way.cells).toEqual([cell(1)]);
  way.arrive(cell(9), false);
  expect(way.cells).toEqual([cell(9)]);
  way.arrive(null, false);
  expect([way.here, way.before]).toEqual([null, null]);
});
