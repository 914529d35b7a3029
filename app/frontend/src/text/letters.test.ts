import { expect, test } from "vitest";

import { lettersFor } from "./letters";

test("letters are so large that the longest word has a line, and no smaller than can be read", () => {
  expect(lettersFor("concatenación 4", 68, 8)).toBe(8);
  expect(lettersFor("agrupación máxima", 68, 8)).toBeCloseTo(10);
  expect(lettersFor("layers.1.norm2", 68, 8)).toBeCloseTo(68 / (0.68 * 6));
  expect(lettersFor("concatenación 4", 88.4, 8)).toBeCloseTo(10);
});
