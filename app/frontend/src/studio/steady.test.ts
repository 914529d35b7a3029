import { expect, test } from "vitest";

import { alike, sameItems, steadily } from "./steady";

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

test("lists of watches by what they hold, all the way down", () => {
  const kept = steadily<unknown>(alike);
  const grid = (to: number) => [{ kind: "grid", x: { from: 0, to }, cells: [[1, 2], [3]], later: true }];
  const first = kept(grid(1));
  expect(kept(grid(1))).toBe(first);
  expect(kept(grid(2))).not.toBe(first);
});

test("alike is what holds the same under the same names", () => {
  expect(alike({ a: 1, b: [NaN] }, { b: [NaN], a: 1 })).toBe(true);
  for (const [a, b] of [
    [{ a: undefined }, { b: undefined }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [[1, 2], [1]],
    [{ 0: 1 }, [1]],
    [null, {}],
    [{}, null],
    ["1", 1],
  ]) expect(alike(a, b), JSON.stringify([a, b])).toBe(false);
});
