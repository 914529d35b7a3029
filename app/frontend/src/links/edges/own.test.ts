import { expect, test, vi } from "vitest";

import type { Lit } from "../lit";
import type { Bundle } from "./bundle";
import { OwnEdges } from "./own";
import type { Frame, Palette } from "./raster";

const PALETTE: Palette = { positive: [179, 88, 6], negative: [53, 68, 158], zero: [120, 120, 120] };
const FRAME: Frame = { x: 0, y: 0, width: 60, height: 40, density: 1 };

/** A canvas that keeps its pixels, and how many were put on it last. */
class Paper {
  width = 60;
  height = 40;
  pixels = new Uint8ClampedArray(4 * 60 * 40);
  put = 0;

  getContext = () => ({
    clearRect: () => this.pixels.fill(0),
    putImageData: ({ data, width, height }: ImageData, x: number, y: number) => {
      this.put += width * height;
      for (let row = 0; row < height; row++) this.pixels.set(data.subarray(4 * row * width, 4 * (row + 1) * width), 4 * ((y + row) * this.width + x));
    },
  });
}

const bundle = (weights: readonly number[]): Bundle => ({ flow: "right", start: 0, end: 60, sources: SOURCES, targets: TARGETS, weights: Float32Array.from(weights), scale: 1 });
const SOURCES = Float32Array.of(4, 10, 16, 22, 28, 34);
const TARGETS = Float32Array.of(8, 36);
const WEIGHTS = [0.5, -1, 0.2, 0.3, -0.4, 0, 0.7, 0.1, 0.9, -0.3, 0.6, 0.8];

/** The sum of a neuron, the input under a hand and the edge between them: one edge stands out three times. */
const LIT: Lit = { sources: new Set([1]), targets: new Set([0]), edges: [[1, 0]], some: true };

test.each([2, 3, 8])("weight %i moves: the picture is the one that is drawn anew, and less of it is put down", (edge) => {
  vi.stubGlobal("ImageData", class { constructor(readonly data: Uint8ClampedArray, readonly width: number, readonly height: number) {} });
  const [moved, anew] = [new Paper(), new Paper()];
  const own = new OwnEdges();
  own.draw(moved as unknown as HTMLCanvasElement, bundle(WEIGHTS), FRAME, LIT, PALETTE);
  const later = bundle(WEIGHTS.with(edge, -0.6));
  moved.put = 0;
  own.draw(moved as unknown as HTMLCanvasElement, later, FRAME, LIT, PALETTE);
  new OwnEdges().draw(anew as unknown as HTMLCanvasElement, later, FRAME, LIT, PALETTE);
  expect(moved.put).toBeLessThan(60 * 40);
  const apart = moved.pixels.map((channel, k) => Math.abs(channel - anew.pixels[k]!));
  expect(apart.reduce((most, each) => Math.max(most, each), 0)).toBeLessThanOrEqual(1);
});
