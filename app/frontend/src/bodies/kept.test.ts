import { expect, test } from "vitest";

import { kept } from "./kept";

test("one value while the next holds the same", () => {
  const box = kept<{ x: number; rows: readonly string[] | null }>();
  const first = box({ x: 1, rows: ["a"] });
  expect(box({ x: 1, rows: ["a"] })).toBe(first);
  expect(box({ x: 1, rows: null })).toEqual({ x: 1, rows: null });
  expect(box({ x: 1, rows: ["a"] })).not.toBe(first);
});
