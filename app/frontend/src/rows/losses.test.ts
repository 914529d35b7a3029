import { expect, test } from "vitest";

import { withNonFinite } from "../studio/nonFinite";
import { confusionOf } from "./confusion";
import { aimsOf, countsOf, fitting, joined, lossesOf, targetShape, worstFirst, type Ending, type LossDocument } from "./losses";

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
  const a = lossesOf({ rows: [1, 2], mean: 1.5, right: [1, 0], accuracy: 0.5, guesses: [[0], [1]], non_finite: [] });
  const b = lossesOf({ rows: [3], mean: 3, right: [1], accuracy: 1, guesses: [2], non_finite: [] });
  const both = joined(a, b);
  expect(both).toEqual({ rows: [1, 2, 3], mean: 2, right: [1, 0, 1], accuracy: 2 / 3, guesses: [0, 1, 2] });
  expect(worstFirst(both)).toEqual([1, 2, 0]);
  const told = { rows: [1, null, null, 1], mean: null, non_finite: [{ pointer: "/rows/1", value: "Infinity" }, { pointer: "/mean", value: "NaN" }, { pointer: "/rows/2", value: "NaN" }] };
  const broken = lossesOf(withNonFinite(told) as unknown as LossDocument);
  expect(broken).toEqual({ rows: [1, Infinity, NaN, 1], mean: NaN, right: null, accuracy: NaN, guesses: null });
  expect(worstFirst(broken)).toEqual([1, 2, 0, 3]);
});

test("what is taken for what is counted by class, and its rows are known", () => {
  const aim = { loss: "cross_entropy", output: "kind", count: 1, classes: 3, shares: false } as const;
  const table = confusionOf({ aim, targets: [[0], [0], [1], [2], [0]] }, [0, 1, 1, 1, 0])!;
  expect(table.kinds).toEqual([0, 1, 2]);
  expect(table.counts).toEqual([[2, 1, 0], [0, 1, 0], [0, 1, 0]]);
  // Of many classes those that there are.
  expect(confusionOf({ aim: { ...aim, classes: 900 }, targets: [[7], [800]] }, [7, 7])).toEqual({ kinds: [7, 800], counts: [[1, 0], [1, 0]] });
  const many = Array.from({ length: 60 }, (_, k) => k);
  expect(confusionOf({ aim: { ...aim, classes: 900 }, targets: many.map((k) => [k]) }, many)).toBeNull();
  // Of a share the targets may be shares too, which are no classes.
  const share = { ...aim, classes: null, shares: true };
  expect(confusionOf({ aim: share, targets: [[0], [1]] }, [1, 1])).toEqual({ kinds: [0, 1], counts: [[0, 1], [0, 1]] });
  expect(confusionOf({ aim: share, targets: [[0.5], [1]] }, [1, 1])).toBeNull();
  expect(confusionOf({ aim, targets: [[7], [1]] }, [1, 1])).toBeNull();
  expect(confusionOf({ aim: { ...aim, count: 2 }, targets: [[0, 1]] }, [0])).toBeNull();
});
