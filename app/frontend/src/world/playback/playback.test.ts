import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Block } from "../blocks";
import type { Cell, LayerOutline, TensorOutline } from "../types";
import { Playback } from "./playback.svelte";

const tensor = (name: string, ...shape: number[]): TensorOutline => ({ name, shape, dtype: "float32" });
const dense: LayerOutline = {
  ...{ index: 0, name: "", kind: "dense", activation: "identity", module: null, source: null, takes: [], options: {}, parameters: [], preActivations: null },
  activations: tensor("layers.0.activations", 3),
};
const BLOCKS: Block[] = [
  { sort: "body", id: "input0", index: 0, tensor: tensor("inputs", 2), layer: null, takes: [] },
  { sort: "body", id: "layer0", index: 1, tensor: dense.activations, layer: dense, takes: [] },
];

/** By term, at the first number of the layer; the server has not told of it. */
function atFirstNumber(): { playback: Playback; forms: { rows: number | null } } {
  const forms = { rows: null as number | null, pointedOf: () => [] };
  let selected: Cell | null = null;
  const given = { blocks: BLOCKS, get selected() { return selected; }, select: (cell: Cell) => void (selected = cell), point: () => undefined, forms };
  const playback = new Playback(given);
  playback.grain = "term";
  playback.goTo(0);
  playback.move(1);
  expect([playback.at, playback.row]).toEqual([1, 0]);
  return { playback, forms };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
});
afterEach(() => void vi.useRealTimers());

test("by term a number that the server has not told of is not there at once: its sum waits", () => {
  const { playback, forms } = atFirstNumber();
  playback.move(1);
  expect([playback.at, playback.row]).toEqual([1, 0]);
  forms.rows = 2;
  const rows = [1, 2, null].map(() => (playback.move(1), playback.row));
  expect(rows).toEqual([1, 2, null]);
});

test("the same while it plays", () => {
  const { playback, forms } = atFirstNumber();
  playback.speed = 4;
  playback.play();
  vi.advanceTimersByTime(1000);
  expect([playback.at, playback.row]).toEqual([1, 0]);
  forms.rows = 2;
  vi.advanceTimersByTime(200);
  expect([playback.at, playback.row]).toEqual([1, 1]);
  playback.pause();
});

test("what is there in one step, and what is never told of, do not hold it up", () => {
  const { playback, forms } = atFirstNumber();
  forms.rows = 0;
  playback.move(1);
  expect([playback.at, playback.row]).toEqual([1, null]);
  forms.rows = null;
  playback.move(1);
  expect([playback.at, playback.row]).toEqual([2, 0]);
  vi.advanceTimersByTime(5000);
  playback.move(1);
  expect([playback.at, playback.row]).toEqual([2, null]);
});
