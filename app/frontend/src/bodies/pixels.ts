import { intensity } from "../diagram/scale";
import { HALF } from "../foresight/palette";
import type { Box } from "../world/types";
import type { Panel } from "./plan";

/** Colours of the one diverging scale as whole pixels in the machine's own order of bytes; `odd`: what is not a number. */
export interface PixelInks {
  readonly places: Uint32Array;
  readonly odd: number;
}

export const placeOf = (value: number): number => Math.round(intensity(value) * HALF) + HALF;

/** Where a panel stands on a canvas that shows what begins at `from`, in whole pixels of it: what is painted between two of them is blurred. */
export function onPixels({ x, y, width, height }: Box, from: { readonly x: number; readonly y: number }, density: number): Box {
  const [left, top] = [Math.round((x - from.x) * density), Math.round((y - from.y) * density)];
  const [right, bottom] = [Math.round((x + width - from.x) * density), Math.round((y + height - from.y) * density)];
  return { x: left, y: top, width: Math.max(1, right - left), height: Math.max(1, bottom - top) };
}

/** Writes a panel's cells into the pixels of a picture `wide` pixels wide, over all of this box that lies on it: each pixel has the cell at its middle. */
export function writePanel(pixels: Uint32Array, wide: number, { rows, columns, start, rowStep, columnStep, count }: Panel, box: Box, values: Float32Array, { places, odd }: PixelInks): void {
  const end = Math.min(start + count, values.length);
  const [left, right] = [Math.max(0, box.x), Math.min(wide, box.x + box.width)];
  const [top, bottom] = [Math.max(0, box.y), Math.min(pixels.length / wide, box.y + box.height)];
  let written = -1;
  for (let y = top; y < bottom; y++) {
    const row = Math.floor(((y - box.y + 0.5) * rows) / box.height);
    const line = y * wide;
    if (row === written) {
      pixels.copyWithin(line + left, line - wide + left, line - wide + right);
      continue;
    }
    written = row;
    const first = start + row * rowStep;
    let [shown, colour] = [-1, 0];
    for (let x = left; x < right; x++) {
      const place = first + Math.floor(((x - box.x + 0.5) * columns) / box.width) * columnStep;
      if (place !== shown) {
        shown = place;
        const value = place < end ? values[place]! : 0;
        colour = place >= end ? 0 : value === value ? places[placeOf(value)]! : odd;
      }
      pixels[line + x] = colour;
    }
  }
}

/** One picture at a time is written: all of them share this room. */
let room = new Uint32Array(0);

/** Empty pixels for a picture of these sides, until the next picture's are asked for. */
export function emptyPixels(width: number, height: number): Uint32Array<ArrayBuffer> {
  if (room.length < width * height) room = new Uint32Array(width * height);
  return room.subarray(0, width * height).fill(0);
}

/** A picture with these pixels. */
export const imageOf = (pixels: Uint32Array<ArrayBuffer>, width: number): ImageData => new ImageData(new Uint8ClampedArray(pixels.buffer, pixels.byteOffset, pixels.byteLength), width);
