import { expect, test } from "vitest";

import { bends, between, HALF, paintPlane, scaleImage, trackBands, trackImage, type Palette } from "./palette";

/** A palette whose red byte tells the place: 0 at −1, HALF at 0, 2·HALF at 1. */
const palette: Palette = new Uint8ClampedArray(Array.from({ length: 3 * (2 * HALF + 1) }, (_, i) => (i % 3 === 0 ? i / 3 : 0)));
const range = { low: -1, high: 1 };
const planePixels = (values: Float32Array, steps: number): Uint8ClampedArray => {
  const pixels = new Uint8ClampedArray(4 * steps * steps).fill(9);
  paintPlane(pixels, values, steps, range, palette);
  return pixels;
};
const reds = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, i) => i % 4 === 0);
const alphas = (pixels: Uint8ClampedArray): number[] => [...pixels].filter((_, i) => i % 4 === 3);

test("between the colours that a browser mixed the scale goes straight", () => {
  const given = Array.from({ length: 17 }, (_, i) => [8 * i, i < 8 ? 80 - 10 * i : 0, 200, 1] as const);
  const whole = between(given);
  expect(whole.length).toBe(3 * (2 * HALF + 1));
  expect([...whole.filter((_, i) => i % 3 === 0)]).toEqual(Array.from({ length: 2 * HALF + 1 }, (_, place) => place));
  expect([0, 4, 8, 63, 64, 128].map((place) => whole[3 * place + 1])).toEqual([80, 75, 70, 1, 0, 0]);
  expect(whole.at(-1)).toBe(200);
});

test("a track has one band for each output, values from left to right", () => {
  const image = trackImage(Float32Array.of(-Infinity, 0, 0, 0, 0.5, 0), 2, [0.25, 0.75], range, palette);
  const [negative, zero, positive] = [0, HALF, HALF + HALF / 2].map((red) => `#${red.toString(16).padStart(2, "0")}0000`);
  expect(image).toBe(
    `linear-gradient(to right,transparent 25%,${negative} 25%,${zero} 50%,${positive} 75%,transparent 75%),` +
      `linear-gradient(to right,transparent 25%,${zero} 25%,${zero} 75%,transparent 75%)`,
  );
  expect(trackBands(2)).toEqual({ position: "0 0%,0 100%", size: "100% 50%" });
  expect(trackBands(1)).toEqual({ position: "0 0%", size: "100% 100%" });
});

test("a track stops where its colours bend, and nowhere else is a colour seen that is not its sample's", () => {
  const grey = (level: number) => [level, level, level] as const;
  expect(bends([0, 10, 20, 30, 20, 10].map(grey))).toEqual([0, 3, 5]);
  expect(bends([grey(7)])).toEqual([0]);
  expect(bends([grey(1), null, null, grey(1), grey(1), grey(1)])).toEqual([0, 1, 2, 3, 5]);
  const smooth = Array.from({ length: 49 }, (_, x) => grey(Math.round(120 + 110 * Math.tanh((x - 20) / 9))));
  const kept = bends(smooth);
  expect(kept.length).toBeLessThan(16);
  smooth.forEach(([level], x) => {
    const next = kept.findIndex((stop) => stop >= x);
    const [a, b] = [kept[Math.max(0, next - 1)]!, kept[next]!];
    const between = a === b ? smooth[b]![0] : smooth[a]![0] + ((smooth[b]![0] - smooth[a]![0]) * (x - a)) / (b - a);
    expect(Math.abs(between - level)).toBeLessThanOrEqual(1.5);
  });
});

test("what is not a number stays clear", () => {
  expect(trackImage(Float32Array.of(NaN, -Infinity), 1, [0, 1], range, palette)).toContain("transparent 0%,#000000 100%");
  expect(alphas(planePixels(Float32Array.of(1, NaN, 1, 1), 2))).toEqual([255, 255, 255, 0]);
});

test("a plane's second input grows upwards", () => {
  const pixels = planePixels(Float32Array.of(-Infinity, 0, 0, Infinity), 2);
  expect(reds(pixels)).toEqual([HALF, 2 * HALF, 0, HALF]);
});

test("a scale shows zero where it is", () => {
  const middle = `#${HALF.toString(16)}0000`;
  expect(scaleImage({ low: -0.5, high: 1.5 }, palette)).toMatch(new RegExp(`${middle} 25%,#800000 100%\\)$`));
  expect(scaleImage({ low: 0.2, high: 0.4 }, palette)).toBe(`linear-gradient(to right,${middle} 0%,#800000 100%)`);
});
