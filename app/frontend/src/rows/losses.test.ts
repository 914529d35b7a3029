import { expect, test } from "vitest";

import { aimsOf, countsOf, fitting, joined, lossesOf, targetShape, worstFirst, type Ending } from "./losses";

const RULE = { mark: "," };
const iris: Ending = { name: "kind", shape: [3], by: "softmax", classes: ["setosa", "versicolor", "virginica"] };
const rain: Ending = { name: "rain", shape: [1], by: "sigmoid", classes: ["dry", "rain"] };
const place: Ending = { name: "place", shape: [2], by: "dense", classes: [] };
const words: Ending = { name: "words", shape: [4, 5], by: "dense", classes: [] };
const picture: Ending = { name: "picture", shape: [1, 4, 4], by: "conv2d", classes: [] };

const found = (endings: readonly Ending[], values: readonly string[]): unknown[] =>
  fitting(endings, { values }, RULE).map(({ aim, targets }) => [aim.loss, aim.output, targets.flat()]);

test("each ending has the losses that mean something there", () => {
  const told = (ending: Ending): unknown[] => aimsOf(ending).map(({ loss, count, classes, shares }) => [loss, count, classes, shares]);
  expect(told(iris)).toEqual([["cross_entropy", 1, 3, false], ["mse", 3, null, false]]);
  expect(told(rain)).toEqual([["cross_entropy", 1, null, true], ["mse", 1, null, false]]);
  expect(told(words)).toEqual([["cross_entropy", 4, 5, false], ["mse", 20, null, false]]);
  expect(told(picture)).toEqual([["mse", 16, null, false]]);
  expect(countsOf([iris, place])).toEqual([1, 2, 3]);
  expect(countsOf([{ ...picture, shape: [3, 200, 200] }])).toEqual([]);
  expect(aimsOf(words).map((aim) => targetShape(aim, words.shape))).toEqual([[4], [4, 5]]);
});

test("classes are meant by their names or by their places, numbers as the page writes them", () => {
  expect(found([iris], ["Setosa", " virginica"])).toEqual([["cross_entropy", "kind", [0, 2]]]);
  expect(found([iris], ["0", "2"])).toEqual([["cross_entropy", "kind", [0, 2]]]);
  expect(found([rain], ["rain", "dry"])).toEqual([["cross_entropy", "rain", [1, 0]], ["mse", "rain", [1, 0]]]);
  expect(found([rain], ["0,5", "1"])).toEqual([["cross_entropy", "rain", [0.5, 1]], ["mse", "rain", [0.5, 1]]]);
  // What is no probability is a number, what is no class nothing.
  expect(found([rain], ["1,5", "-2"])).toEqual([["mse", "rain", [1.5, -2]]]);
  expect(found([iris], ["0", "3"])).toEqual([]);
  expect(found([iris], ["0", "rose"])).toEqual([]);
  expect(found([place, iris], ["1", "0"])).toEqual([["cross_entropy", "place", [1, 0]], ["cross_entropy", "kind", [1, 0]]]);
});

test("several numbers are held against the output that has as many", () => {
  const given = { values: ["", ""], targets: [[1, 2], [3, 4]] };
  expect(fitting([iris, place], given, RULE).map(({ aim }) => [aim.loss, aim.output])).toEqual([["mse", "place"]]);
});

test("parts are told as one, the worst rows first, and what is not finite as what it is", () => {
  const a = lossesOf({ rows: [1, 2], mean: 1.5, right: [1, 0], accuracy: 0.5, non_finite: [] });
  const b = lossesOf({ rows: [3], mean: 3, right: [1], accuracy: 1, non_finite: [] });
  const both = joined(a, b);
  expect(both).toEqual({ rows: [1, 2, 3], mean: 2, right: [1, 0, 1], accuracy: 2 / 3 });
  expect(worstFirst(both)).toEqual([1, 2, 0]);
  const broken = lossesOf({ rows: [1, null, null, 1], mean: null, non_finite: [{ pointer: "/rows/1", value: "Infinity" }, { pointer: "/mean", value: "NaN" }, { pointer: "/rows/2", value: "NaN" }] });
  expect(broken).toEqual({ rows: [1, Infinity, NaN, 1], mean: NaN, right: null, accuracy: NaN });
  expect(worstFirst(broken)).toEqual([1, 2, 0, 3]);
});
