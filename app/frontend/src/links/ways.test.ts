import { expect, test } from "vitest";

import type { Layout } from "../world/place";
import type { PlacedBody } from "../world/types";
import { waysTo } from "./ways";

/** A body of `count` numbers, side by side or one above the other. */
function bodyOf(name: string, x: number, count: number, across: boolean): PlacedBody {
  const cell = (k: number) => ({ x: x + (across ? 60 * k : 0), y: 100 + (across ? 0 : 60 * k), width: 44, height: 26 });
  const last = cell(count - 1);
  const tensor = { name, shape: [count], dtype: "float32" };
  const box = { x, y: 100, width: last.x + 44 - x, height: last.y + 26 - 100 };
  return { index: 0, tensor, isWhole: true, box, cellBox: ([k]) => cell(k!), cellAt: () => null };
}

const wayFrom = (across: boolean, k: number): string => {
  const bodies = [bodyOf("inputs", 50, 3, across), bodyOf("out", 600, 1, true)].map((body) => ({ ...body, block: {} }));
  const layout = { bodies, cards: [], blocks: [], head: 74 } as unknown as Layout;
  return waysTo({ tensor: "out", at: [0] }, [{ cell: { tensor: "inputs", at: [k] }, role: "x" }], layout, "right")[0]!.path;
};

test("the line of a number in a row runs beneath those beside it; the last one's and a column's go straight out", () => {
  expect(wayFrom(true, 0)).toMatch(/^M72 126Q72 131 77 131L214 131C/);
  expect(wayFrom(true, 2)).toMatch(/^M214 113C/);
  expect(wayFrom(false, 0)).toMatch(/^M94 113C/);
});
