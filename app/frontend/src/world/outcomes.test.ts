import { expect, test } from "vitest";

import { outcomesOf, writtenBy } from "./outcomes";

const tensor = (name: string, ...shape: number[]) => ({ name, shape, dtype: "float32" });
const NUMBERS = new Map(Object.entries({ one: [0.5], two: [3, -1], ten: [0, 1, 9, 2, 3, 4, 5, 6, 7, NaN], picture: [0, 0, 0, 0.25, 8, 0] }).map(([name, all]) => [name, Float32Array.from(all)]));
const values = (name: string): Float32Array | undefined => NUMBERS.get(name);

test("one number or two are told as they are, of more the largest with how many they are", () => {
  expect(outcomesOf([tensor("one", 1)], values)).toEqual({ told: [{ cell: { tensor: "one", at: [0] }, value: 0.5, of: 1 }], more: 0 });
  expect(outcomesOf([tensor("two", 2)], values).told.map(({ value }) => value)).toEqual([3, -1]);
  expect(outcomesOf([tensor("ten", 10)], values)).toEqual({ told: [{ cell: { tensor: "ten", at: [2] }, value: 9, of: 10 }], more: 0 });
  expect(outcomesOf([tensor("picture", 1, 2, 3)], values).told).toEqual([{ cell: { tensor: "picture", at: [0, 1, 1] }, value: 8, of: 6 }]);
});

test("of several outputs two are told, and how many are left", () => {
  const { told, more } = outcomesOf([tensor("two", 2), tensor("picture", 2, 3), tensor("one", 1)], values);
  expect(told.map(({ value, of }) => [value, of])).toEqual([[3, 2], [8, 6]]);
  expect(more).toBe(1);
});

test("what is not known yet has its place, and no number", () => {
  expect(outcomesOf([tensor("later", 1)], values).told).toEqual([{ cell: { tensor: "later", at: [0] }, value: undefined, of: 1 }]);
  expect(outcomesOf([tensor("later", 4)], values).told[0]!.value).toBeUndefined();
});

test("what is written begins after the mark, and waits for all of the numbers", () => {
  const rows = Float32Array.from([9, 0, 0, 0, 5, 0, 1, 2, 0, 4, 0, 0]);
  const words = ["a", "b", "|"];
  expect(writtenBy([0, 1, 2, 0], tensor("rows", 4, 3), rows, words)).toBe("b a");
  expect(writtenBy([0, 1, 1, 0], tensor("rows", 4, 3), rows, words)).toBeNull();
  expect(writtenBy([0, 1, 2, 0], tensor("rows", 4, 3), undefined, words)).toBeNull();
  expect(writtenBy([0, 1, 2, 0], tensor("rows", 4, 3), Float32Array.from(rows, (each, k) => (k === 7 ? NaN : each)), words)).toBeNull();
  expect(writtenBy([2], tensor("rows", 12), rows, words)).toBeNull();
});
