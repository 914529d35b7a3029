import { expect, test } from "vitest";

import { placeBefore } from "./editing";

test("a layer that does not fit is found where it stood before the change", () => {
  const added = { add: {}, after: 1 };
  expect([0, 1, 2, 3].map((place) => placeBefore(added, place))).toEqual([0, 1, null, 2]);
  expect([0, 1, 2].map((place) => placeBefore({ remove: 1 }, place))).toEqual([0, 2, 3]);
  expect([0, 1, 2, 3].map((place) => placeBefore({ move: 0, after: 2 }, place))).toEqual([1, 2, null, 3]);
  expect([0, 1, 2, 3].map((place) => placeBefore({ move: 2, after: -1, into: [0] }, place))).toEqual([null, 0, 1, 3]);
  expect([0, 1, 2].map((place) => placeBefore({ change: 1, to: {} }, place))).toEqual([0, null, 2]);
});
