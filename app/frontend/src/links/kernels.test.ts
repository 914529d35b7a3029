import { expect, test } from "vitest";

import type { Box, PlacedBody } from "../world/types";
import { kernelPlaces } from "./kernels";

/** Maps of 2 × 2 cells, 40 pixels wide, at these places. */
const maps = (...places: [x: number, y: number][]): PlacedBody =>
  ({
    tensor: { name: "maps", shape: [places.length, 2, 2], dtype: "float32" },
    isWhole: true,
    box: { x: places[0]![0], y: places[0]![1], width: 100, height: 100 },
    cellBox: ([map, row, column]: number[]): Box => ({ x: places[map!]![0] + 20 * column!, y: places[map!]![1] + 20 * row!, width: 20, height: 20 }),
  }) as unknown as PlacedBody;

test("a kernel has no place half beneath another map, unless it is the selected map's", () => {
  const [giver, taker] = [maps([0, 40]), maps([180, 0], [226, 0], [180, 60], [226, 60])];
  const shown = (map: number | null): number[] => kernelPlaces({ giver, taker, free: 80 }, [4, 1, 3, 3], 1, map, "right").map(({ out }) => out);
  expect(shown(null)).toEqual([0, 2]);
  expect(shown(3)).toEqual([0, 2, 3]);
});

test("a kernel stands between the columns, also where one is wider than the maps in it", () => {
  const [giver, taker] = [maps([0, 40]), maps([180, 0], [180, 60])];
  const places = kernelPlaces({ giver, taker, free: 30 }, [2, 1, 3, 3], 1, null, "right");
  expect(places).toHaveLength(2);
  for (const { box } of places) expect([box.x >= 150, box.x + box.width <= 180]).toEqual([true, true]);
});
