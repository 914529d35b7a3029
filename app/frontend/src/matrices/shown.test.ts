import { expect, test } from "vitest";

import { shownIndices } from "./shown";

test("all where they fit", () => expect(shownIndices(4, 4)).toEqual([0, 1, 2, 3]));
test("the first and the last, and how many lie between", () =>
  expect(shownIndices(100, 6)).toEqual([0, 1, 2, 3, { left: 95 }, 99]));
test("what is to be kept is there, and nothing is counted twice", () => {
  const shown = shownIndices(100, 6, [50, 2, -1, 100]);
  expect(shown).toEqual([0, 1, 2, 3, { left: 46 }, 50, { left: 48 }, 99]);
  expect(shown.reduce<number>((sum, each) => sum + (typeof each === "number" ? 1 : each.left), 0)).toBe(100);
});
test("one place is written instead of left out", () =>
  expect(shownIndices(10, 4, [3, 8])).toEqual([0, 1, 2, 3, { left: 4 }, 8, 9]));
