import { expect, test } from "vitest";

import { layStroke, seeded, startingValues } from "./starting";
import type { Outline } from "./types";

const inputs = ["inputs.left", "inputs.right"].map((name) => ({ name, shape: [1, 8, 8], dtype: "float32" }));
const outline = { inputs, layers: [] } as unknown as Outline;

test("inputs of one shape begin with different numbers, the same ones at every visit", () => {
  for (const sort of ["picture", "noise"] as const) {
    const [left, right] = inputs.map((input) => startingValues(input, outline, 1, sort).values);
    expect(left).not.toEqual(right);
    expect(startingValues(inputs[1]!, outline, 2, sort).values).not.toEqual(left);
    expect(inputs.map((input) => startingValues(input, outline, 1, sort).values)).toEqual([left, right]);
  }
  expect(startingValues(inputs[0]!, outline, 1, "noise").values).toEqual(startingValues(inputs[0]!, { ...outline, inputs: [inputs[0]!] }, 1, "noise").values);
});

test("a line is laid wherever it reaches, and nowhere else", () => {
  const random = seeded(7);
  for (let round = 0; round < 200; round++) {
    const [width, height] = [5 + Math.floor(40 * random()), 5 + Math.floor(40 * random())];
    const point = (): [number, number] => [1.2 * width * (random() - 0.1), 1.2 * height * (random() - 0.1)];
    const [a, b, reach] = [point(), point(), 0.9 + 3 * random()];
    // Also a dot, and lines along the picture's sides.
    if (round % 5 === 1) b[0] = a[0];
    if (round % 5 >= 1 && round % 5 <= 2) b[1] = a[1];
    const ink = new Float64Array(width * height);
    layStroke(ink, width, a, b, reach);
    const length = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2;
    const wrong = ink.filter((found, k) => {
      const [x, y] = [k % width, Math.floor(k / width)];
      const share = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - a[0]) * (b[0] - a[0]) + (y - a[1]) * (b[1] - a[1])) / length));
      const away = Math.hypot(x - a[0] - share * (b[0] - a[0]), y - a[1] - share * (b[1] - a[1]));
      return Math.abs(found - Math.max(0, Math.min(1, 1.5 - away / reach))) > 1e-10;
    });
    expect(wrong).toHaveLength(0);
  }
});
