import { expect, test } from "vitest";

import { HALF, planePixels, trackPixels, type Palette } from "./palette";

/** A palette whose red byte tells the place: 0 at −1, HALF at 0, 2·HALF at 1. */
const palette: Palette = new Uint8ClampedArray(Array.from({ length: 3 * (2 * HALF + 1) }, (_, i) => (i % 3 === 0 ? i / 3 : 0)));
const reds = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, i) => i % 4 === 0);
const alphas = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, i) => i % 4 === 3);

test("a track has one band for each output, values from left to right", () => {
  const pixels = trackPixels(Float32Array.of(-Infinity, 0, 0, 0, Infinity, 0), 2, 1, palette);
  expect(reds(pixels)).toEqual([0, HALF, 2 * HALF, HALF, HALF, HALF]);
});

test("what is not a number stays clear", () => {
  expect(alphas(trackPixels(Float32Array.of(1, NaN), 1, 2, palette))).toEqual([255, 0, 255, 0]);
});

test("a plane's second input grows upwards", () => {
  const pixels = planePixels(Float32Array.of(-Infinity, 0, 0, Infinity), 2, palette);
  expect(reds(pixels)).toEqual([HALF, 2 * HALF, 0, HALF]);
});
