import { expect, test } from "vitest";

import { emptyPixels, onPixels, placeOf, writePanel } from "./pixels";
import type { Panel } from "./plan";

const inks = { places: Uint32Array.from({ length: 129 }, (_, k) => k + 1), odd: 999 };
const panel = (more: Partial<Panel>): Panel => ({ ...{ x: 0, y: 0, width: 1, height: 1, rows: 1, columns: 1, start: 0, rowStep: 1, columnStep: 1, count: 1, name: [] }, ...more });

test("each pixel of a panel has the colour of the cell at its middle, and no other pixel is written", () => {
  const sides = [1, 3, 8, 12];
  for (const rows of sides)
    for (const columns of sides)
      for (const [x, y, width, height] of [[0, 0, 20, 15], [2, 3, 7, 1], [-4, -2, 30, 19], [13, 9, 11, 30], [25, 2, 4, 4]] as const) {
        const values = Float32Array.from({ length: rows * columns }, (_, k) => (k % 7 === 3 ? NaN : k - 5));
        const [wide, high] = [20, 15];
        const pixels = emptyPixels(wide, high);
        writePanel(pixels, wide, panel({ rows, columns, rowStep: columns, count: rows * columns }), { x, y, width, height }, values, inks);
        const wanted = Array.from({ length: wide * high }, (_, k) => {
          const [column, row] = [(((k % wide) - x + 0.5) * columns) / width, ((Math.floor(k / wide) - y + 0.5) * rows) / height];
          if (column < 0 || column >= columns || row < 0 || row >= rows) return 0;
          const value = values[Math.floor(row) * columns + Math.floor(column)]!;
          return Number.isNaN(value) ? 999 : placeOf(value) + 1;
        });
        expect([...pixels]).toEqual(wanted);
      }
});

test("a strip's last column ends where its numbers do", () => {
  const pixels = emptyPixels(2, 3);
  writePanel(pixels, 2, panel({ rows: 3, columns: 2, rowStep: 1, columnStep: 3, count: 5 }), { x: 0, y: 0, width: 2, height: 3 }, Float32Array.of(0, 0, 0, 0, 0, 0), inks);
  expect([...pixels].map((pixel) => pixel > 0)).toEqual([true, true, true, true, true, false]);
});

test("the room for pixels is empty each time, and larger where more is asked for", () => {
  emptyPixels(3, 3).fill(7);
  expect([...emptyPixels(2, 2)]).toEqual([0, 0, 0, 0]);
  expect(emptyPixels(50, 40)).toHaveLength(2000);
});

test("a panel stands on whole pixels, at least one of them, and meets its neighbour where they touch", () => {
  expect(onPixels({ x: 1.2, y: 0, width: 0.2, height: 3.4 }, { x: -1, y: 0 }, 1)).toEqual({ x: 2, y: 0, width: 1, height: 3 });
  expect(onPixels({ x: 1.2, y: 0, width: 0.2, height: 3.4 }, { x: -1, y: 0 }, 2)).toEqual({ x: 4, y: 0, width: 1, height: 7 });
  const [first, second] = [0, 10.3].map((x) => onPixels({ x, y: 0, width: 10.3, height: 1 }, { x: 0, y: 0 }, 1));
  expect(first!.x + first!.width).toBe(second!.x);
});
