import { expect, test } from "vitest";

import type { LayerOutline, Outline } from "../world/types";
import { moveOf } from "./moving";

const tensor = (name: string) => ({ name, shape: [2], dtype: "float32" });
const layer = (index: number, ...takes: string[]): LayerOutline => ({
  ...{ index, name: "", kind: "relu", activation: "identity", module: null, source: null, options: {}, parameters: [], preActivations: null },
  takes,
  activations: tensor(`l${index}`),
});
const network = (inputs: string[], ...layers: LayerOutline[]): Outline => ({ id: "", inputs: inputs.map(tensor), layers, outputs: [], parameters: 0, dtype: "float32" });
const moves = (outline: Outline, index: number) => [moveOf(outline, outline.layers[index]!, "earlier"), moveOf(outline, outline.layers[index]!, "later")];

test("in a chain a layer changes places with the one before it, and with the one after it", () => {
  const chain = network(["inputs"], layer(0, "inputs"), layer(1, "l0"), layer(2, "l1"));
  expect(moves(chain, 0)).toEqual(["world.moves-no-earlier", { move: 0, after: 1 }]);
  expect(moves(chain, 1)).toEqual([{ move: 1, after: -1, into: [0] }, { move: 1, after: 2 }]);
  expect(moves(chain, 2)).toEqual([{ move: 2, after: 0, into: [1] }, "world.moves-no-later"]);
});

test("in a branch it stays in that branch, and past a fork it does not go", () => {
  const residual = network(["a", "b"], layer(0, "b"), layer(1, "l0"), layer(2, "l1"), layer(3, "l2", "l0"));
  expect(moves(residual, 0)).toEqual(["world.moves-no-earlier", "world.moves-past-a-fork"]);
  expect(moves(residual, 1)).toEqual([{ move: 1, after: -1, input: "b", into: [0] }, { move: 1, after: 2 }]);
  expect(moves(residual, 2)).toEqual([{ move: 2, after: 0, into: [1] }, { move: 2, after: 3 }]);
});
