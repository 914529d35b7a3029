import { expect, test } from "vitest";

import { followed, Following } from "./following";
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

test("a table that is read by rows is one of moments, and a picture is none", () => {
  const by = (kind: string): Record<string, string> => said(outline(tensor("x", [8, 3]), [["out", kind, ["x"], [8, 5]]]));
  expect(by("dense")).toEqual({ x: "w−", out: "w−" });
  expect(by("conv1d")).toEqual({ x: "−−", out: "−−" });
});

test("what stands at a place: a word by its name or its number, or which moment it is", () => {
  const words = outline(tensor("words", [3], "int64"), [["embedded", "embedding", ["words"], [3, 16]]]);
  const named = new Following(words, ["a", "b", "cd", ...Array.from({ length: 8 }, () => "z")]);
  expect([named.at("words", [0, 2, 1]), named.at("words", undefined), named.widths("embedded")]).toEqual([["a", "cd", "b"], ["", "", ""], [14, null]]);
  const numbered = new Following(words, []);
  // 11 words: their numbers have two digits.
  expect([numbered.at("words", [0, 10, 7]), numbered.widths("embedded")]).toEqual([["0", "10", "7"], [14, null]]);
  const moments = new Following(outline(tensor("x", [8, 3]), [["out", "dense", ["x"], [8, 5]]]), []);
  expect([moments.at("x", [0.5]).join(""), moments.widths("out")]).toEqual(["12345678", [7, null]]);
});
