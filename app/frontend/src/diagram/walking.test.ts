import { expect, test } from "vitest";

import { layoutDiagram } from "./layout";
import { walked } from "./walking";

const right = layoutDiagram([3, 2, 1], { width: 800, height: 600, flow: "right" });
const down = layoutDiagram([3, 2, 1], { width: 390, height: 600, flow: "down" });

test("along the layer and across it, nearest first", () => {
  expect(walked(right, { layer: 0, neuron: 0 }, "ArrowDown")).toEqual({ layer: 0, neuron: 1 });
  expect(walked(right, { layer: 0, neuron: 2 }, "ArrowRight")).toEqual({ layer: 1, neuron: 1 });
  expect(walked(right, { layer: 1, neuron: 1 }, "ArrowLeft")).toEqual({ layer: 0, neuron: 2 });
  expect(walked(right, { layer: 1, neuron: 1 }, "ArrowRight")).toEqual({ layer: 2, neuron: 0 });
});

test("in rows the arrows turn with the flow", () => {
  expect(walked(down, { layer: 0, neuron: 0 }, "ArrowRight")).toEqual({ layer: 0, neuron: 1 });
  expect(walked(down, { layer: 0, neuron: 2 }, "ArrowDown")).toEqual({ layer: 1, neuron: 1 });
});

test("it ends at the ends", () => {
  expect(walked(right, { layer: 0, neuron: 0 }, "ArrowUp")).toBeNull();
  expect(walked(right, { layer: 0, neuron: 0 }, "ArrowLeft")).toBeNull();
  expect(walked(right, { layer: 2, neuron: 0 }, "ArrowRight")).toBeNull();
  expect(walked(right, { layer: 0, neuron: 1 }, "End")).toEqual({ layer: 0, neuron: 2 });
  expect(walked(right, { layer: 0, neuron: 1 }, "x")).toBeNull();
});
