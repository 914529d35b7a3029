import { expect, test } from "vitest";

import { viewOf, wayBetween } from "../links/dense";
import type { Gap } from "../links/gaps";
import { kernelPlaces } from "../links/kernels";
import { linesBetween } from "../links/kinds";
import { waysTo } from "../links/ways";
import type { Made } from "../links/windows";
import type { Layout, Standing } from "../world/place";
import type { LayerOutline, TensorOutline } from "../world/types";
import { boxOfShown, planBody, shownOf } from "./plan";

/** What is drawn of each shape of values and of each kind of link, as it was looked at and found good: a change shows here first. */

const ROOM = { height: 480, width: 200, scale: 1 };
const rounded = (value: number): number => Math.round(10 * value) / 10;

const BODIES: Record<string, [shape: number[], wish?: { picture?: number; opened?: number }]> = {
  "few neurons": [[3]],
  "many in a strip": [[128]],
  "a row that was a picture": [[784], { picture: 28 }],
  "steps and features": [[12, 16]],
  "one picture": [[1, 28, 28]],
  maps: [[4, 8, 8]],
  "many maps": [[64, 7, 7]],
  "heads that look": [[2, 16, 16]],
  "one map of several, opened": [[4, 8, 8], { opened: 2 }],
  "a summary": [[8, 112, 112]],
  "a long row as a summary": [[100_000]],
  "one map of a summary, opened": [[8, 300, 300], { opened: 2 }],
  "more maps than are drawn": [[1024, 2, 2]],
};

test.each(Object.entries(BODIES))("the body of %s", (_, [shape, wish]) => {
  const { sort, width, height, by, panels } = planBody(shape, ROOM, wish);
  const [first, last] = [panels[0]!, panels.at(-1)!];
  const placed = ({ x, y, width, height, rows, columns }: typeof first): string => `${rows} × ${columns} at ${rounded(x)} ${rounded(y)}, ${rounded(width)} × ${rounded(height)}`;
  expect(`${sort}, ${rounded(width)} × ${rounded(height)}, ${panels.length} of ${by?.join("×") ?? "cells"}: ${placed(first)} … ${placed(last)}`).toMatchSnapshot();
});

function body(shape: readonly number[], x: number): Standing {
  const plan = planBody(shape, ROOM);
  const box = { x, y: (480 - plan.height) / 2, width: plan.width, height: plan.height };
  return {
    ...{ index: 0, tensor: { name: `at${x}`, shape, dtype: "float32" }, box, plan, isWhole: plan.by === null, cellAt: () => null },
    block: { sort: "body", id: `${x}`, index: 0, tensor: { name: `at${x}`, shape, dtype: "float32" }, layer: null, takes: [] },
    cellBox(at) {
      const shown = shownOf(plan, at);
      const within = shown === null ? null : boxOfShown(plan, shown);
      return within && { ...within, x: box.x + within.x, y: box.y + within.y };
    },
  };
}

const freeOf = (giver: Standing, taker: Standing): number => taker.box.x - giver.box.x - giver.box.width;
function between(from: readonly number[], to: readonly number[]): { giver: Standing; taker: Standing; free: number } {
  const [giver, taker] = [body(from, 0), body(to, 400)];
  return { giver, taker, free: freeOf(giver, taker) };
}

const LINKS: Record<string, [kind: string, from: number[], to: number[], options?: Record<string, unknown>]> = {
  "a convolution": ["conv2d", [2, 8, 8], [3, 8, 8]],
  "a convolution in groups": ["conv2d", [4, 8, 8], [4, 8, 8], { groups: 4 }],
  pooling: ["max_pool2d", [4, 8, 8], [4, 4, 4]],
  "a normalisation": ["batch_norm", [4, 8, 8], [4, 8, 8]],
  "a row of all": ["flatten", [4, 4, 4], [64]],
  "a product of matrices": ["matmul", [2, 16, 8], [2, 16, 16]],
  softmax: ["softmax", [2, 16, 16], [2, 16, 16]],
  "an embedding": ["embedding", [12], [12, 16]],
  "a convolution of a signal": ["conv1d", [2, 1, 24], [3, 1, 24]],
  "an addition": ["add", [4, 8, 8], [4, 8, 8]],
  "maps into a summary": ["conv2d", [4, 8, 8], [2048, 8, 8]],
};

test.each(Object.entries(LINKS))("the link of %s", (_, [kind, from, to, options = {}]) => {
  const [giver, taker] = [body(from, 0), body(to, 400)];
  const layer = { kind, options } as LayerOutline;
  const placed = (standing: Standing) => ({ block: standing.block, box: standing.box, rank: 0, room: 0, told: 0, foot: 0 });
  const gap: Gap = { id: "", from: placed(giver), to: placed(taker), giver, taker, layer, free: freeOf(giver, taker), passed: [], beneath: { from: [], to: [] }, turns: { from: giver.box.x + giver.box.width, to: taker.box.x }, past: null };
  expect(linesBetween(gap, "right").map(({ sort, path }) => `${sort} ${path}`)).toMatchSnapshot();
});

test("the link over what it skips", () => {
  const [giver, between, taker] = [body([8], 0), body([16], 200), body([8], 400)];
  const placed = (standing: Standing, rank: number) => ({ block: standing.block, box: standing.box, rank, room: 0, told: 0, foot: 0 });
  const gap: Gap = { id: "", from: placed(giver, 0), to: placed(taker, 2), giver, taker, layer: { kind: "add", options: {} } as LayerOutline, free: 0, passed: [between.box], beneath: { from: [], to: [] }, turns: { from: giver.box.x + giver.box.width, to: taker.box.x }, past: 16 };
  expect(linesBetween(gap, "right")).toMatchSnapshot();
});

test.each([[3, 2, "elements"], [784, 128, "curves"], [2800, 2800, "matrix"]])("dense weights from %i to %i are shown as %s", (from, to, view) => {
  const weights: TensorOutline = { name: "weights", shape: [from, to], dtype: "float32" };
  const [giver, taker] = [body([from], 0), body([to], 400)];
  const way = wayBetween({ giver, taker } as Gap, "right")!;
  expect(viewOf(weights, true, null)).toBe(view);
  expect([rounded(way.start), rounded(way.end), way.sources.length, way.targets.length, rounded(way.sources[1]!), rounded(way.targets[1]!), rounded(way.scale)]).toMatchSnapshot();
});

test("kernels on their ways", () => {
  const placed = (from: number[], to: number[], weights: number[], groups: number): string[] =>
    kernelPlaces(between(from, to), weights, groups, 1, "right").map(({ out, within, box }) => `${out}.${within} at ${rounded(box.x)} ${rounded(box.y)}, ${rounded(box.width)} × ${rounded(box.height)}`);
  expect(placed([1, 8, 8], [3, 8, 8], [3, 1, 3, 3], 1)).toMatchSnapshot();
  expect(placed([2, 8, 8], [3, 8, 8], [3, 2, 3, 3], 1)).toMatchSnapshot();
  expect(placed([4, 8, 8], [4, 8, 8], [4, 1, 3, 3], 4)).toMatchSnapshot();
});

const cells = (role: string, ...places: number[][]): Made[] => places.map((at) => ({ cell: { tensor: "at0", at }, role }));
const square = (map: number): number[][] => [2, 3, 4].flatMap((row) => [1, 2, 3].map((column) => [map, row, column]));
const row = (head: number, at: number): number[][] => Array.from({ length: 16 }, (_, k) => [head, at, k]);

const WAYS: Record<string, [from: number[], to: number[], at: number[], parts: Made[]]> = {
  "a window of each map": [[2, 8, 8], [3, 8, 8], [1, 3, 2], cells("value", ...square(0), ...square(1))],
  "a row and a column": [[2, 16, 16], [2, 16, 16], [0, 3, 5], [...cells("left", ...row(0, 3)), ...cells("right", ...row(0, 5).map(([head, column, k]) => [head!, k!, column!]))]],
  "the row of a softmax": [[2, 16, 16], [2, 16, 16], [1, 3, 5], cells("score", ...row(1, 3))],
  "one cell alone": [[4, 4, 4], [64], [21], cells("value", [1, 1, 1])],
};

test.each(Object.entries(WAYS))("the way of %s to its cell", (_, [from, to, at, parts]) => {
  const layout = { blocks: [], bodies: [body(from, 0), body(to, 400)], cards: [] } as unknown as Layout;
  const ways = waysTo({ tensor: "at400", at }, parts, layout, "right");
  expect(ways.map(({ sort, second, path, ring }) => `${sort}${second ? ", second" : ""} ${rounded(ring.x)} ${rounded(ring.y)}, ${rounded(ring.width)} × ${rounded(ring.height)} ${path}`)).toMatchSnapshot();
});
