import { expect, test } from "vitest";

import { parsed } from "./colour";

test.each([
  ["color(srgb 1 0.5 0)", [255, 128, 0, 1]],
  ["color(srgb 0.2 0.4 0.6 / 0.5)", [51, 102, 153, 0.5]],
  ["color(srgb -0.01 1.02 1e-7)", [0, 255, 0, 1]],
  ["rgb(10, 20, 30)", [10, 20, 30, 1]],
  ["rgba(10, 20, 30, 0.25)", [10, 20, 30, 0.25]],
])("%s", (text, colour) => {
  expect(parsed(text)).toEqual(colour);
});
