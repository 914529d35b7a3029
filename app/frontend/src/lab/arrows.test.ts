import { expect, test } from "vitest";

import { nextCell } from "./arrows";

test.each([
  ["ArrowRight", 0, 1],
  ["ArrowRight", 2, null],
  ["ArrowLeft", 4, 3],
  ["ArrowLeft", 3, null],
  ["ArrowDown", 1, 4],
  ["ArrowDown", 4, null],
  ["ArrowUp", 5, 2],
  ["ArrowUp", 0, null],
  ["Home", 5, 0],
  ["Home", 0, null],
  ["End", 1, 5],
  ["Enter", 1, null],
])("in a table of 2 rows and 3 columns %s leads from %d to %j", (key, at, next) => {
  expect(nextCell(key, at, 6, 3)).toBe(next);
});
