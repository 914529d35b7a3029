import { expect, test } from "vitest";

import { counterpart } from "./counterpart";

test("the same shapes: the same place", () => {
  expect(counterpart(1, 1, [3, 2, 1], [3, 2, 1])).toEqual({ layer: 1, neuron: 1 });
});

test("a layer more: outputs stand beside outputs, the new layer beside nothing", () => {
  const [now, then] = [[3, 2, 2, 1], [3, 2, 1]];
  expect(counterpart(3, 0, now, then)).toEqual({ layer: 2, neuron: 0 });
  expect(counterpart(1, 1, now, then)).toEqual({ layer: 1, neuron: 1 });
  expect(counterpart(2, 0, now, then)).toBeNull();
  expect(counterpart(0, 2, now, then)).toEqual({ layer: 0, neuron: 2 });
});

test("a layer less, a neuron more", () => {
  expect(counterpart(1, 0, [3, 1], [3, 2, 1])).toEqual({ layer: 2, neuron: 0 });
  expect(counterpart(1, 2, [3, 3, 1], [3, 2, 1])).toBeNull();
  expect(counterpart(0, 3, [4, 2, 1], [3, 2, 1])).toBeNull();
});
