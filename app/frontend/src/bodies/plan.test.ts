import { describe, expect, test } from "vitest";

import { indexOf, sizeOf } from "../world/cells";
import { NUMBER_HEIGHT, NUMBER_WIDTH } from "./paint";
import { boxOfShown, cellOfShown, pictureOf, picturesOf, planBody, shownAt, shownOf, type Panel } from "./plan";

const ROOM = { height: 560, width: 240, scale: 1 };
const SHAPES = [[1], [10], [16], [17], [128], [2000], [784], [8, 8], [16, 48], [300, 4], [1, 28, 28], [4, 28, 28], [64, 7, 7], [2, 16, 16], [5, 1, 24], [3, 2, 4, 5]];

describe("the plan of a body", () => {
  test.each(SHAPES.map((shape) => [shape]))("has a place for every number of %j, and finds each by its place", (shape) => {
    const plan = planBody(shape, ROOM);
    expect(plan.by).toBeNull();
    expect(plan.panels.reduce((sum, { count }) => sum + count, 0)).toBe(sizeOf(shape));
    for (let flat = 0; flat < sizeOf(shape); flat += Math.ceil(sizeOf(shape) / 97)) {
      const at = indexOf(flat, shape);
      const shown = shownOf(plan, at)!;
      expect(shown).toBe(flat);
      const box = boxOfShown(plan, shown)!;
      expect(shownAt(plan, { x: box.x + box.width / 2, y: box.y + box.height / 2 })).toBe(flat);
      expect(box.x >= -1e-9 && box.y >= -1e-9 && box.x + box.width <= plan.width + 1e-6 && box.y + box.height <= plan.height + 1e-6).toBe(true);
    }
  });

  test("shows blocks of a tensor that is too large, and says of how many cells", () => {
    const plan = planBody([64, 112, 112], ROOM);
    expect(plan.by).toEqual([1, 7, 7]);
    expect(plan.shape).toEqual([64, 16, 16]);
    expect(shownOf(plan, [1, 8, 6])).toBe(16 * 16 + 16);
    expect(planBody([100_000], ROOM).by).toEqual([7]);
  });

  test.each([[[64, 112, 112]], [[3, 224, 224]], [[100_000]], [[700, 9, 5]], [[300, 300]]])("a block of %j is asked for as the cell in its middle, and found again", (shape) => {
    for (const plan of [planBody(shape, ROOM), planBody(shape, ROOM, { opened: 2 })]) {
      for (const flat of [0, 1, sizeOf(plan.shape) >> 1, sizeOf(plan.shape) - 1]) {
        const at = cellOfShown(plan, shape, flat);
        expect(at.every((place, k) => place >= 0 && place < shape[k]!)).toBe(true);
        expect(shownOf(plan, at)).toBe(flat);
      }
    }
  });

  test("a photograph that is opened has a place for each of its numbers", () => {
    expect(planBody([3, 224, 224], ROOM).by).not.toBeNull();
    expect(planBody([3, 224, 224], ROOM, { opened: 1 }).by).toBeNull();
    expect(pictureOf([3, 224, 224], [1, 9, 9])).toBe(1);
    expect(pictureOf([2, 3, 8, 8], [1, 2, 9, 9])).toBe(5);
    expect(pictureOf([1, 300, 300], [0, 1, 9])).toBe(0);
    expect(pictureOf([300], [1])).toBeNull();
    expect(picturesOf([2, 1, 3, 8, 8])).toBe(6);
  });

  test("one of several pictures fills the place when opened, with cells of its own", () => {
    const plan = planBody([64, 112, 112], ROOM, { opened: 3 });
    expect(plan.region).toEqual([[3, 4], [0, 112], [0, 112]]);
    expect(plan.by).toBeNull();
    expect(shownOf(plan, [3, 1, 2])).toBe(114);
    expect(shownOf(plan, [2, 1, 2])).toBeNull();
  });

  test.each([
    [12, 560, 0.4, 50 / 3],
    [10, 150, 0.5, 13.5],
    [4, 560, 1, 46],
  ])("%i neurons in %i pixels at a scale of %f are %f large and stand apart", (count, height, scale, size) => {
    const { panels } = planBody([count], { ...ROOM, height, scale });
    expect(panels[0]!.height).toBeCloseTo(size, 6);
    for (let k = 1; k < count; k++) expect(panels[k]!.y).toBeGreaterThan(panels[k - 1]!.y + size);
    expect(panels.at(-1)!.y + size).toBeLessThanOrEqual(height);
  });

  test.each([
    [10, 76, 1],
    [10, 394, 0.48],
    [16, 64, 0.4],
    [2, 560, 0.32],
    [1, 40, 1],
  ])("each of %i numbers that a network gives can be read in %i pixels at a scale of %f", (count, height, scale) => {
    const plan = planBody([count], { ...ROOM, height, scale, zoom: 1 }, { numbered: true });
    const last = plan.panels.at(-1)!;
    expect([last.x + last.width <= plan.width, last.y + last.height <= plan.height]).toEqual([true, true]);
    for (const { x, y, width, height, start } of plan.panels) {
      expect([width >= 36, height >= 15]).toEqual([true, true]);
      const below = plan.panels[start + 1];
      if (below) expect(below.y >= y + height || below.x >= x + width).toBe(true);
    }
    // What it is asked to be smaller, it is.
    expect(planBody([4], { ...ROOM, zoom: 0.5 }, { numbered: true }).height).toBeLessThan(planBody([4], { ...ROOM, zoom: 1 }, { numbered: true }).height);
  });

  test.each([17, 26, 40, 64])("a strip of %i numbers that a network gives has cells that hold them", (count) => {
    const { panels } = planBody([count], { ...ROOM, height: 300, scale: 0.4, zoom: 1 }, { numbered: true });
    const [{ width, height, rows, columns }] = panels as [(typeof panels)[0]];
    expect([width / columns >= NUMBER_WIDTH, height / rows >= NUMBER_HEIGHT]).toEqual([true, true]);
  });

  test("rows and columns that follow words leave room for them, and every panel for its name", () => {
    const plan = planBody([2, 12, 12], ROOM, { follows: [null, 7, 7] });
    expect(plan.labels).toEqual({ rows: true, columns: true, names: true });
    const [first, second] = plan.panels as [Panel, Panel];
    expect([first.x, first.y]).toEqual([11, 11]);
    // The name of the upper one, then the words over the lower one.
    expect(second.y - first.y - first.height).toBeGreaterThanOrEqual(16 + 11);
    expect(second.y + second.height + 16).toBeLessThanOrEqual(plan.height);
    expect(first.x + first.width).toBe(plan.width);
    const opened = planBody([2, 12, 12], ROOM, { opened: 1, follows: [null, 7, 7] });
    expect([opened.labels, opened.panels[0]!.x, opened.panels[0]!.y]).toEqual([{ rows: true, columns: true, names: false }, 11, 11]);
    expect(opened.height).toBeLessThanOrEqual(ROOM.height);
  });

  test.each([
    ["rows that are too low for letters", [400, 16], [7, null]],
    ["columns that are narrower than their words", [12, 12], [7, 35]],
    ["blocks of several words", [4000, 64], [7, null]],
  ])("%s have none around them", (_, shape, follows) => {
    const { labels, panels } = planBody(shape, ROOM, { follows });
    expect([labels!.columns, panels[0]!.y]).toEqual([false, 0]);
    if (shape[0]! > 12) expect([labels!.rows, panels[0]!.x]).toEqual([false, 0]);
  });

  test("pictures that are made much smaller to fit have no names, and no room for any", () => {
    const of = (scale: number): boolean => planBody([4, 8, 8], { ...ROOM, scale, zoom: 1 }).labels!.names;
    expect([of(1), of(0.5)]).toEqual([true, false]);
  });

  test("on a large screen bodies grow with it", () => {
    const large = { height: 1100, width: 440, scale: 1, zoom: 1 };
    for (const shape of [[10], [4, 8, 8], [1, 8, 8], [12, 16]]) {
      const [usual, grown] = [planBody(shape, ROOM), planBody(shape, large)];
      expect(grown.panels[0]!.width).toBeGreaterThan(1.4 * usual.panels[0]!.width);
      expect(grown.height).toBeLessThanOrEqual(1100);
    }
  });

  test("sixteen words on a phone that lies stand in columns, each large enough for its letters", () => {
    const { panels, width } = planBody([16], { height: 116, width: 160, scale: 0.4, zoom: 1 }, { numbered: true, whole: true });
    expect(width).toBeLessThanOrEqual(100);
    expect(new Set(panels.map(({ x }) => x)).size).toBe(3);
    for (const { width, height } of panels) expect([width >= 20, height >= 15]).toEqual([true, true]);
  });

  test.each([[4, 300], [6, 300], [8, 64], [16, 300], [32, 300]])("%i maps that stand alone on a screen fill it, in a height of %i px", (count, height) => {
    const room = { width: 280, height, scale: 1, alone: true };
    const { width, height: high, panels } = planBody([count, 8, 8], room);
    expect(width).toBeLessThanOrEqual(280.001);
    expect(high).toBeLessThanOrEqual(height + 0.001);
    // No other number of lines would leave them larger, with room for their names.
    const side = panels[0]!.width;
    for (let lines = 1; lines <= count; lines++) {
      expect(side).toBeGreaterThanOrEqual(Math.min((height + 10) / lines - 26, 290 / Math.ceil(count / lines) - 10) - 0.001);
    }
  });

  test("a signal is a row of steps, in one channel as in several", () => {
    for (const channels of [1, 4]) {
      const { panels } = planBody([channels, 64], ROOM);
      expect(panels).toHaveLength(1);
      expect(panels[0]).toMatchObject({ rows: channels, columns: 64 });
      expect(panels[0]!.height).toBeGreaterThanOrEqual(40 * channels);
    }
    expect(planBody([64], ROOM).panels[0]!.rows).toBeGreaterThan(1);
  });

  test("a row that was a picture is one", () => {
    const plan = planBody([784], ROOM, { picture: 28 });
    expect(plan.panels).toHaveLength(1);
    expect(plan.panels[0]).toMatchObject({ rows: 28, columns: 28, count: 784 });
    expect(boxOfShown(plan, 29)).toMatchObject({ x: plan.width / 28, y: plan.height / 28 });
  });
});
