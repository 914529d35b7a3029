import { expect, test } from "vitest";

import { signsOf } from "./points";

test("a word's first letters stand for it, as many as tell it apart", () => {
  expect([...signsOf(["setosa", "versicolor", "virginica", "setosa"])]).toEqual([["setosa", "s"], ["versicolor", "ve"], ["virginica", "vi"]]);
  expect([...signsOf(["1", "12", "7"])]).toEqual([["1", "1"], ["12", "12"], ["7", "7"]]);
});
