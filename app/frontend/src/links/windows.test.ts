import { expect, test } from "vitest";

import type { Box, PlacedBody } from "../world/types";
import { around, windowsOf, type Made } from "./windows";

/** Maps below one another, cells of 10 pixels. */
function maps(name: string, channels: number, height: number, width: number, x = 0): PlacedBody {
  const cellBox = (at: readonly number[]): Box => ({ x: x + 10 * at.at(-1)!, y: at[0]! * (10 * height + 20) + 10 * at.at(-2)!, width: 10, height: 10 });
  return {
    index: 0,
    tensor: { name, shape: [channels, height, width], dtype: "float32" },
    box: { x, y: 0, width: 10 * width, height: channels * (10 * height + 20) },
    isWhole: true,
    cellBox,
    cellAt: () => null,
  };
}

const part = (tensor: string, at: number[], role = "value"): Made => ({ cell: { tensor, at }, role });
const square = (tensor: string, channel: number, y: number, x: number, step = 1): Made[] =>
  [0, 1, 2].flatMap((i) => [0, 1, 2].map((j) => part(tensor, [channel, y + step * i, x + step * j])));

const body = maps("inputs", 2, 8, 8);
const bodyOf = (tensor: string): PlacedBody | null => (tensor === "inputs" ? body : null);

test("a convolution has a window in each map", () => {
  const found = windowsOf([...square("inputs", 0, 1, 2), ...square("inputs", 1, 1, 2)], bodyOf);
  expect(found.map(({ box, whole, cells }) => [box, whole, cells.length])).toEqual([
    [{ x: 20, y: 10, width: 30, height: 30 }, true, 9],
    [{ x: 20, y: 110, width: 30, height: 30 }, true, 9],
  ]);
});

test("a dilated one leaves cells out", () => {
  expect(windowsOf(square("inputs", 0, 0, 0, 2), bodyOf).map(({ box, whole }) => [box.width, whole])).toEqual([[50, false]]);
});

test("roles are told apart, what is not on the diagram is left out", () => {
  const parts = [part("inputs", [0, 0, 0], "left"), part("inputs", [0, 0, 1], "right"), part("elsewhere", [0, 0, 0]), { ...part("inputs", [0]), cell: null }];
  expect(windowsOf(parts, bodyOf).map(({ role, cells }) => [role, cells.length])).toEqual([["left", 1], ["right", 1]]);
});

test("a folded card gives as a whole", () => {
  const card: PlacedBody = { ...body, index: -1, isWhole: false, cellBox: () => null };
  expect(windowsOf(square("inputs", 0, 0, 0), () => card).map(({ box, whole }) => [box, whole])).toEqual([[body.box, false]]);
});

test("the smallest box around some", () => {
  expect(around([{ x: 1, y: 2, width: 3, height: 4 }, { x: 0, y: 5, width: 2, height: 6 }])).toEqual({ x: 0, y: 2, width: 4, height: 9 });
});
