import { expect, test } from "vitest";

import { roomy, signsOf } from "./points";

test("a word's first letters stand for it, as many as tell it apart", () => {
  expect([...signsOf(["setosa", "versicolor", "virginica", "setosa"])]).toEqual([["setosa", "s"], ["versicolor", "ve"], ["virginica", "vi"]]);
  expect([...signsOf(["1", "12", "7"])]).toEqual([["1", "1"], ["12", "12"], ["7", "7"]]);
  expect([...signsOf(["125", "13", "0.12345"])]).toEqual([["125", "125"], ["13", "13"]]);
});

test("a sign that would lie over one before it gives way", () => {
  const at = (x: number, y: number, sign = "s") => ({ x, y, sign });
  expect(roomy([at(0, 0), at(9, 0), at(10, 0), at(5, 12), at(5, 11), at(24, 0, "ve")], { width: 10, height: 12 })).toEqual([true, false, true, true, false, false]);
  expect(roomy([at(0, 0), at(15, 0, "ve")], { width: 10, height: 12 })).toEqual([true, true]);
});
