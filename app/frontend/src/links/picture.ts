/** A parameter as a picture: a pixel for each number, or for each block of numbers, on a scale of its own. */
import { placeOf, type Inks } from "../bodies/paint";

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
