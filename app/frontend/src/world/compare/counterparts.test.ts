import { expect, test } from "vitest";

import type { LayerOutline, Outline } from "../types";
import { counterpartOf, counterparts, watchesThere } from "./counterparts";

const layer = (name: string, size: number) => ({ name, kind: "dense", size });

function outline(id: string, layers: readonly { name: string; kind: string; size: number }[]): Outline {
  const made = layers.map(
    ({ name, kind, size }, index) =>
      ({
        ...{ index, name, kind },
        preActivations: { name: `layers.${index}.pre_activations`, shape: [size], dtype: "float32" },
        activations: { name: `layers.${index}.activations`, shape: [size], dtype: "float32" },
      }) as unknown as LayerOutline,
  );
  const inputs = [{ name: "inputs", shape: [4], dtype: "float32" }];
  return { id, inputs, layers: made, outputs: [`layers.${layers.length - 1}.activations`], parameters: 0, dtype: "float32" };
}

test("one network is compared with itself by name", () => {
  const one = outline("a", [layer("x", 3)]);
  expect(counterparts(one, one)).toBeNull();
  expect(counterpartOf(null, "layers.0.weights")).toBe("layers.0.weights");
});

test("an added layer has none, and those after it keep theirs", () => {
  const found = counterparts(outline("b", [layer("x", 3), layer("new", 5), layer("y", 2)]), outline("a", [layer("x", 3), layer("y", 2)]));
  expect(counterpartOf(found, "inputs")).toBe("inputs");
  expect(counterpartOf(found, "layers.0.activations")).toBe("layers.0.activations");
  expect(counterpartOf(found, "layers.1.activations")).toBeNull();
  expect(counterpartOf(found, "layers.2.pre_activations")).toBe("layers.1.pre_activations");
});

test("outputs of one shape are compared whatever gives them, and no others", () => {
  const before = outline("a", [layer("x", 3), layer("y", 2)]);
  expect(counterpartOf(counterparts(outline("b", [layer("z", 2)]), before), "layers.0.activations")).toBe("layers.1.activations");
  expect(counterpartOf(counterparts(outline("b", [layer("z", 3)]), before), "layers.0.activations")).toBeNull();
});

test("what the pinned network does not have is not asked of it", () => {
  const found = counterparts(outline("b", [layer("x", 3), layer("new", 5), layer("y", 2)]), outline("a", [layer("x", 3), layer("y", 2)]));
  const watches = [0, 1, 2].map((k) => ({ kind: "tensor" as const, tensor: `layers.${k}.activations`, as: `a${k}` }));
  expect(watchesThere(found, watches)).toEqual([
    { kind: "tensor", tensor: "layers.0.activations", as: "a0" },
    { kind: "tensor", tensor: "layers.1.activations", as: "a2" },
  ]);
});
