import { expect, test } from "vitest";

import { followed, Following, type Followed } from "./following";
import type { LayerOutline, Outline, TensorOutline } from "./types";

const tensor = (name: string, shape: number[], dtype = "float32"): TensorOutline => ({ name, shape, dtype });
type Drawn = [name: string, kind: string, takes: string[], shape: number[], options?: Record<string, unknown>];

function outline(input: TensorOutline, layers: Drawn[]): Outline {
  const made = layers.map(([name, kind, takes, shape, options = {}], index): LayerOutline => ({
    ...{ index, name, kind, takes, options, activation: "identity", module: null, source: null, preActivations: null },
    parameters: kind === "embedding" ? [tensor(`${name}.weights`, [11, 16])] : [],
    activations: tensor(name, shape),
  }));
  return { id: "", inputs: [input], layers: made, outputs: [layers.at(-1)![0]], parameters: 0, dtype: "float32" };
}

/** w: follows the words; −: follows nothing. */
const said = (network: Outline): Record<string, string> =>
  Object.fromEntries([...followed(network)].map(([name, follows]) => [name, follows.map((each) => (each === null ? "−" : "w")).join("")]));

test("the words of an attention: rows of the embedding, rows and columns of the scores", () => {
  const attention: Drawn[] = [
    ["embedded", "embedding", ["words"], [12, 16]],
    ["placed", "add", ["embedded"], [12, 16]],
    ["normal", "layer_norm", ["placed"], [12, 16]],
    ["query", "dense", ["normal"], [12, 16]],
    ["heads", "reshape", ["query"], [12, 2, 8], { shape: [-1, 12, 2, 8] }],
    ["turned", "transpose", ["heads"], [2, 12, 8], { dim0: 1, dim1: 2 }],
    ["keys", "transpose", ["turned"], [2, 8, 12], { dim0: -2, dim1: -1 }],
    ["scores", "matmul", ["turned", "keys"], [2, 12, 12]],
    ["scaled", "div", ["scores"], [2, 12, 12]],
    ["all", "full", [], [12, 12]],
    ["masked", "masked_fill", ["scaled", "all"], [2, 12, 12]],
    ["shares", "softmax", ["masked"], [2, 12, 12]],
    ["mixed", "matmul", ["shares", "turned"], [2, 12, 8]],
    ["back", "transpose", ["mixed"], [12, 2, 8], { dim0: 1, dim1: 2 }],
    ["joined", "reshape", ["back"], [12, 16]],
    ["sum", "add", ["placed", "joined"], [12, 16]],
    ["next", "dense", ["sum"], [12, 11]],
  ];
  expect(said(outline(tensor("words", [12], "int64"), attention))).toEqual({
    words: "w", embedded: "w−", placed: "w−", normal: "w−", query: "w−", heads: "w−−", turned: "−w−", keys: "−−w", scores: "−ww", scaled: "−ww",
    all: "−−", masked: "−ww", shares: "−ww", mixed: "−w−", back: "w−−", joined: "w−", sum: "w−", next: "w−",
  });
});

test("as many features as words are no words", () => {
  const square: Drawn[] = [
    ["embedded", "embedding", ["words"], [16, 16]],
    ["turned", "permute", ["embedded"], [16, 16], { dims: [0, 2, 1] }],
    ["mixed", "dense", ["turned"], [16, 16]],
    ["shifted", "roll", ["embedded"], [16, 16]],
    ["row", "flatten", ["embedded"], [256]],
  ];
  // With a batch before them [0, 2, 1] turns the two; without one it would be no order of two dimensions.
  expect(said(outline(tensor("words", [16], "int64"), square))).toEqual({ words: "w", embedded: "w−", turned: "−w", mixed: "−−", shifted: "−−", row: "−" });
});

test("where it is not clear what was turned, nothing is said", () => {
  const turned: Drawn[] = [
    ["embedded", "embedding", ["words"], [16, 256]],
    ["cubed", "unflatten", ["embedded"], [16, 16, 16]],
    // The first two with a batch before them, the last two without.
    ["turned", "transpose", ["cubed"], [16, 16, 16], { dim0: 1, dim1: 2 }],
  ];
  expect(said(outline(tensor("words", [16], "int64"), turned))["turned"]).toBe("−−−");
});

test("an attention that has the batch in second place, or its three parts in the first", () => {
  const attention: Drawn[] = [
    ["embedded", "embedding", ["words"], [7, 8]],
    ["first", "transpose", ["embedded"], [7, 1, 8], { dim0: 0, dim1: 1 }],
    ["all", "dense", ["first"], [7, 1, 24]],
    ["parted", "reshape", ["all"], [7, 1, 3, 8], { shape: [7, -1, 3, 8] }],
    ["over", "unsqueeze", ["parted"], [1, 7, 1, 3, 8], { dim: 0 }],
    ["before", "transpose", ["over"], [3, 7, 1, 1, 8], { dim0: 0, dim1: -2 }],
    ["three", "squeeze", ["before"], [3, 7, 1, 8], { dim: [-2] }],
    ["query", "select", ["three"], [7, 1, 8], { dim: 0, index: 0 }],
    ["heads", "reshape", ["query"], [7, 2, 4], { shape: [7, -1, 4] }],
    ["turned", "transpose", ["heads"], [2, 7, 4], { dim0: 0, dim1: 1 }],
    ["shares", "matmul", ["turned", "keys"], [2, 7, 7]],
    ["mean", "mean", ["shares"], [7, 7], { dim: [1] }],
    ["back", "transpose", ["first"], [7, 8], { dim0: 1, dim1: 0 }],
  ];
  expect(said(outline(tensor("words", [7], "int64"), attention))).toEqual({
    words: "w", embedded: "w−", first: "w−−", all: "w−−", parted: "w−−−", over: "−w−−−", before: "−w−−−", three: "−w−−", query: "w−−",
    heads: "w−−", turned: "−w−", shares: "−w−", mean: "w−", back: "w−",
  });
});

test("what is as long as the words by chance is none of them", () => {
  const chance = (count: number, features: number, ...last: Drawn): string =>
    said(outline(tensor("words", [count], "int64"), [["embedded", "embedding", ["words"], [count, features]], last]))[last[0]]!;
  // Two parts of two words, the channels of a convolution, windows of as many features as words, and what is summed away.
  expect(chance(2, 6, "stack", "stack", ["embedded", "embedded"], [2, 2, 6], { dim: 2 })).toBe("w−−");
  expect(chance(5, 6, "conv", "conv1d", ["embedded"], [5, 6], { stride: [1], padding: [1] })).toBe("−−");
  expect(chance(5, 5, "windows", "windows", ["embedded"], [5, 5, 1], { dim: 1, size: 1, step: 1 })).toBe("−−−");
  expect(chance(5, 5, "sum", "sum", ["embedded"], [5], { dim: [1] })).toBe("−");
  expect(chance(5, 5, "sum", "sum", ["embedded"], [5], { dim: [2] })).toBe("w");
  expect(chance(5, 5, "strided", "conv1d", ["embedded"], [5, 5], { stride: [2], padding: [4] })).toBe("−−");
});

test("a convolution over the words keeps them, where it gives as many", () => {
  const over = (count: number): Drawn[] => [
    ["embedded", "embedding", ["words"], [9, 6]],
    ["turned", "transpose", ["embedded"], [6, 9], { dim0: 1, dim1: 2 }],
    ["conv", "conv1d", ["turned"], [8, count]],
  ];
  const words = tensor("words", [9], "int64");
  expect([said(outline(words, over(9)))["conv"], said(outline(words, over(7)))["conv"]]).toEqual(["−w", "−−"]);
});

test("a part of the words, and words beside others: each row has its own", () => {
  const cut: Drawn[] = [
    ["embedded", "embedding", ["words"], [4, 6]],
    ["before", "slice", ["embedded"], [3, 6], { dim: 1, end: -1 }],
    ["after", "slice", ["embedded"], [3, 6], { dim: 1, start: 1 }],
    ["last", "slice", ["embedded"], [1, 6], { dim: -2, start: -1 }],
    ["second", "slice", ["embedded"], [2, 6], { dim: 1, step: 2 }],
    ["pairs", "add", ["before", "after"], [3, 6]],
    ["class", "expand", [], [1, 6]],
    ["begun", "cat", ["class", "embedded"], [5, 6], { dim: 1 }],
    ["wider", "cat", ["embedded", "embedded"], [4, 12], { dim: -1 }],
    ["padded", "pad", ["embedded"], [7, 6], { pad: [0, 0, 1, 2] }],
    ["mirrored", "pad", ["embedded"], [6, 6], { pad: [0, 0, 1, 1], mode: "reflect" }],
    ["one", "select", ["embedded"], [6], { dim: 1, index: -1 }],
  ];
  const found = followed(outline(tensor("words", [4], "int64"), cut));
  const rows = (name: string): string => found.get(name)!.map((each) => each?.places.join(" ") ?? "−").join(" | ");
  expect(Object.fromEntries(cut.map(([name]) => [name, rows(name)]))).toEqual({
    ...{ embedded: "0 1 2 3 | −", before: "0 1 2 | −", after: "1 2 3 | −", last: "3 | −", second: "0 2 | −", pairs: "− | −", class: "− | −" },
    ...{ begun: "-1 0 1 2 3 | −", wider: "0 1 2 3 | −", padded: "-1 0 1 2 3 -1 -1 | −", mirrored: "− | −", one: "−" },
  });
});

test("a table that is read by rows is one of moments, and a picture is none", () => {
  const by = (kind: string): Record<string, string> => said(outline(tensor("x", [8, 3]), [["out", kind, ["x"], [8, 5]]]));
  expect(by("dense")).toEqual({ x: "w−", out: "w−" });
  expect(by("conv1d")).toEqual({ x: "−−", out: "−−" });
});

const all = (input: string, count = 3): Followed => ({ input, places: Array.from({ length: count }, (_, place) => place) });

test("what stands at a place: a word by its name or its number, or which moment it is", () => {
  const words = outline(tensor("words", [3], "int64"), [["embedded", "embedding", ["words"], [3, 16]]]);
  const named = new Following(words, ["a", "b", "cd", ...Array.from({ length: 8 }, () => "z")]);
  expect(named.at({ input: "words", places: [-1, 2, 0] }, [0, 2, 1])).toEqual(["", "b", "a"]);
  expect([named.at(all("words"), [0, 2, 1]), named.at(all("words"), undefined), named.widths("embedded")]).toEqual([["a", "cd", "b"], ["", "", ""], [14, null]]);
  const numbered = new Following(words, []);
  // 11 words: their numbers have two digits.
  expect([numbered.at(all("words"), [0, 10, 7]), numbered.widths("embedded")]).toEqual([["0", "10", "7"], [14, null]]);
  const moments = new Following(outline(tensor("x", [8, 3]), [["out", "dense", ["x"], [8, 5]]]), []);
  expect([moments.at(all("x", 8), [0.5]).join(""), moments.widths("out")]).toEqual(["12345678", [7, null]]);
});
