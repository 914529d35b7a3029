/** A parameter as a picture: a pixel for each number, or for each block of numbers, on a scale of its own. */
import type { Inks } from "../bodies/paint";
import { placeOf } from "../bodies/pixels";

/** The size at which the scale's colour is three quarters of the full one: numbers of a usual size show, and none is cut off. */
export function spreadOf(numbers: Float32Array): number {
  let sum = 0;
  let count = 0;
  for (const number of numbers) {
    if (!Number.isFinite(number)) continue;
    sum += number * number;
    count++;
  }
  return Math.sqrt(sum / Math.max(1, count)) || 1;
}

/** Draws numbers (rows, columns), or the same turned, from `start` on, each a pixel of the canvas. */
export function drawNumbers(canvas: HTMLCanvasElement, numbers: Float32Array, start: number, rows: number, columns: number, gain: number, inks: Inks): void {
  if (canvas.width !== columns || canvas.height !== rows) Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let place = 0; place < pixels.length; place++) {
    const number = numbers[start + place]!;
    pixels[place] = Number.isNaN(number) ? inks.odd : inks.places[placeOf(number * gain)]!;
  }
  context.putImageData(image, 0, 0);
}

/** How many numbers along each side become one pixel, so that a picture has no more pixels than it has room. */
export const blocksOf = (shape: readonly number[], room: readonly number[]): number[] =>
  shape.map((size, k) => Math.max(1, Math.ceil(size / Math.max(1, Math.floor(room[k]!)))));

/** Rows and columns of a matrix, [from, to) of each. */
export type Region = readonly (readonly [from: number, to: number])[];

/** As many rows and columns as have room, with a place in their middle as far as the matrix goes on. */
export const regionAround = (at: readonly number[], shape: readonly number[], room: readonly number[]): Region =>
  shape.map((size, k) => {
    const count = Math.min(size, Math.max(1, Math.floor(room[k]!)));
    const from = Math.max(0, Math.min(size - count, at[k]! - Math.floor(count / 2)));
    return [from, from + count] as const;
  });

const STEPS: Readonly<Record<string, readonly [number, number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** The place to which a key leads from one, each the first of its block; null where the key leads nowhere. At an edge it stays. */
export function steppedTo(at: readonly number[] | null, key: string, shape: readonly number[], by: readonly number[]): readonly number[] | null {
  const last = shape.map((size, k) => Math.floor((size - 1) / by[k]!) * by[k]!);
  if (key === "Home") return [0, 0];
  if (key === "End") return last;
  const step = STEPS[key];
  if (!step) return null;
  return at === null ? [0, 0] : at.map((place, k) => Math.max(0, Math.min(last[k]!, (Math.floor(place / by[k]!) + step[k]!) * by[k]!)));
}
