import { expect, test } from "vitest";

import { HALF, planePixels, trackBackground, type Palette } from "./palette";

/** A palette whose red byte tells the place: 0 at −1, HALF at 0, 2·HALF at 1. */
const palette: Palette = new Uint8ClampedArray(Array.from({ length: 3 * (2 * HALF + 1) }, (_, i) => (i % 3 === 0 ? i / 3 : 0)));
const reds = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, i) => i % 4 === 0);
const alphas = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, i) => i % 4 === 3);

test("a track has one band for each output, values from left to right", () => {
  const background = trackBackground(Float32Array.of(-Infinity, 0, 0, 0, Infinity, 0), 2, [0.25, 0.75], palette);
  const [negative, zero, positive] = [0, HALF, 2 * HALF].map((red) => `rgb(${red} 0 0)`);
  expect(background).toBe(
    `linear-gradient(to right,transparent 25%,${negative} 25%,${zero} 50%,${positive} 75%,transparent 75%) 0 0%/100% 50% no-repeat,` +
      `linear-gradient(to right,transparent 25%,${zero} 25%,${zero} 50%,${zero} 75%,transparent 75%) 0 100%/100% 50% no-repeat`,
  );
});

test("what is not a number stays clear", () => {
  expect(trackBackground(Float32Array.of(NaN, -Infinity), 1, [0, 1], palette)).toContain("transparent 0%,rgb(0 0 0) 100%");
  expect(alphas(planePixels(Float32Array.of(1, NaN, 1, 1), 2, palette))).toEqual([255, 255, 255, 0]);
});

test("a plane's second input grows upwards", () => {
  const pixels = planePixels(Float32Array.of(-Infinity, 0, 0, Infinity), 2, palette);
  expect(reds(pixels)).toEqual([HALF, 2 * HALF, 0, HALF]);
});
