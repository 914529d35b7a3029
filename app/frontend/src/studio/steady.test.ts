import { expect, test } from "vitest";

import { sameItems, steadily } from "./steady";

test("the same list while it says the same", () => {
  const kept = steadily<number>();
  const first = kept([3, 2, 1]);
  expect(kept([3, 2, 1])).toBe(first);
  const second = kept([3, 2]);
  expect(second).toEqual([3, 2]);
  expect(kept([3, 2])).toBe(second);
  expect(kept([3, 2, 1])).not.toBe(first);
});

test("lists of lists by what they hold", () => {
  const kept = steadily<string[]>(sameItems);
  const first = kept([["x1"], ["y"]]);
  expect(kept([["x1"], ["y"]])).toBe(first);
  expect(kept([["x1"], ["z"]])).toEqual([["x1"], ["z"]]);
});
