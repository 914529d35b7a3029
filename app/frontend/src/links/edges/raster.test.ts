import { expect, test } from "vitest";

import { acrossFlow, alongFlow, type Bundle, type Ink } from "./bundle";
import { Raster, type Frame, type Palette } from "./raster";

const FRAME: Frame = { x: 0, y: 0, width: 60, height: 40, density: 1 };
const ALONE: Ink = { alone: Math.LN2, steep: Math.LN2, power: 0 };
const PALETTE: Palette = { positive: [0, 0, 255], negative: [255, 0, 0], zero: [0, 255, 0] };

function bundle(flow: "right" | "down", sources: number[], targets: number[], weights: number[]): Bundle {
  return { flow, start: 5, end: flow === "right" ? 55 : 35, sources: Float32Array.from(sources), targets: Float32Array.from(targets), weights: Float32Array.from(weights), scale: 1 };
}

function pictureOf(drawn: Bundle, frame = FRAME): { raster: Raster; pixel: (x: number, y: number) => number[] } {
  const raster = new Raster(drawn, ALONE, frame);
  for (const done of raster.drawn()) expect(done).toBeLessThanOrEqual(1);
  const pixels = raster.pixels(PALETTE);
  return { raster, pixel: (x, y) => [...pixels.slice(4 * (y * raster.width + x), 4 * (y * raster.width + x) + 4)] };
}

test("a straight edge is as thick as its weight says, half opaque, from where it leaves to where it arrives", () => {
  const { pixel } = pictureOf(bundle("right", [20], [20], [1]));
  // 1 + 1.6 · √1 = 2.6 pixels: two whole ones, and 0.3 of one on each side.
  expect(pixel(30, 19)[3]).toBeCloseTo(127.5, -1);
  expect(pixel(30, 20)[3]).toBe(pixel(30, 19)[3]);
  expect(pixel(30, 18)[3]).toBeCloseTo(255 * (1 - 0.5 ** 0.3), -1);
  expect(pixel(30, 17)[3]).toBe(0);
  expect(pixel(4, 20)[3]).toBe(0);
  expect(pixel(5, 20)[3]).toBeGreaterThan(100);
  expect(pixel(54, 20)[3]).toBeGreaterThan(100);
  expect(pixel(55, 20)[3]).toBe(0);
  const [red, green, blue] = pixel(30, 20);
  expect(blue).toBeGreaterThan(green!);
  expect(red).toBe(0);
});

test("a negative one is dashed, seven and four, a zero one has no hue", () => {
  const { pixel } = pictureOf(bundle("right", [20], [20], [-1]));
  const inked = Array.from({ length: 22 }, (_, k) => (pixel(5 + k, 20)[3]! > 0 ? "-" : " ")).join("");
  expect(inked).toBe("-------    -------    ");
  const [red, , blue] = pixel(6, 20);
  expect(red).toBeGreaterThan(blue!);
  expect(pictureOf(bundle("right", [20], [20], [0])).pixel(30, 20).slice(0, 3)).toEqual([0, 255, 0]);
  expect(pictureOf(bundle("right", [20], [20], [NaN])).pixel(30, 20).slice(0, 3)).toEqual([0, 255, 0]);
});

test("downwards it is the same picture, turned", () => {
  const square = { ...FRAME, width: 40 };
  const right = pictureOf({ ...bundle("right", [4, 30], [12, 36], [1, -2, 3, 0.5]), end: 35 }, square);
  const down = pictureOf(bundle("down", [4, 30], [12, 36], [1, -2, 3, 0.5]), square);
  for (let x = 0; x < 40; x++) for (let y = 0; y < 40; y++) expect(down.pixel(y, x)).toEqual(right.pixel(x, y));
});

test.each([20, 60, 150])("ink covers an edge's length times its width, however steep: to %i", (to) => {
  const drawn = bundle("right", [20], [to], [1]);
  const raster = new Raster(drawn, { alone: 0.1, steep: 0.1, power: 0 }, { ...FRAME, height: 200 });
  for (const _ of raster.drawn());
  const covered = raster.pixels(PALETTE).reduce((sum, value, k) => (k % 4 === 3 ? sum - Math.log(1 - value / 255) / 0.1 : sum), 0);
  let length = 0;
  for (let step = 0; step < 1000; step++) {
    const [a, b] = [step / 1000, (step + 1) / 1000];
    length += Math.hypot(50 * (alongFlow(b) - alongFlow(a)), (to - 20) * (acrossFlow(b) - acrossFlow(a)));
  }
  expect(covered / (2.6 * length)).toBeGreaterThan(0.97);
  expect(covered / (2.6 * length)).toBeLessThan(1.03);
});

test("another weight leaves the picture that it would have had from the start", () => {
  const weights = [1, -2, 3, 0.5, -0.1, 0];
  const changed = pictureOf(bundle("right", [4, 30], [12, 20, 36], weights)).raster;
  changed.change(0, 1, 1.5);
  changed.change(1, 2, -4);
  const fresh = pictureOf(bundle("right", [4, 30], [12, 20, 36], [1, 1.5, 3, 0.5, -0.1, -4])).raster;
  const [a, b] = [changed.pixels(PALETTE), fresh.pixels(PALETTE)];
  for (const [k, value] of a.entries()) if (k % 4 === 3) expect(Math.abs(value - b[k]!)).toBeLessThanOrEqual(1);
});

test.each(["right", "down"] as const)("flowing %s, the part that is another is all that is", (flow) => {
  const { raster } = pictureOf(bundle(flow, [4, 30], [12, 20, 36], [1, -2, 3, 0.5, -0.1, 0]));
  const pixels = raster.pixels(PALETTE);
  const area = raster.change(0, 2, -4);
  const part = raster.pixels(PALETTE, area);
  for (let y = 0; y < area.height; y++) pixels.set(part.subarray(4 * y * area.width, 4 * (y + 1) * area.width), 4 * ((area.y + y) * raster.width + area.x));
  expect([...pixels]).toEqual([...raster.pixels(PALETTE)]);
  expect(raster.change(1, 0, 2)).not.toEqual(raster.whole);
});

test("one that changes before it is drawn is drawn once", () => {
  const sources = Array.from({ length: 3000 }, (_, k) => k / 100);
  const drawn = bundle("right", sources, [20], sources.map(() => 1));
  const raster = new Raster(drawn, ALONE, FRAME);
  const drawing = raster.drawn();
  drawing.next();
  raster.change(2999, 0, 3);
  for (const _ of drawing);
  const fresh = pictureOf(bundle("right", sources, [20], sources.map((_, k) => (k === 2999 ? 3 : 1)))).raster;
  expect([...raster.pixels(PALETTE)]).toEqual([...fresh.pixels(PALETTE)]);
});
