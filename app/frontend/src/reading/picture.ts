/** Pictures as inputs: the browser unpacks them, and each channel becomes numbers from 0 to the inputs' largest. As app/cli/pictures_in.py. */

import { resized } from "./resize";
import { shortest } from "./npy";
import { Unread, type Note } from "./words";

/** How a network sees a picture. */
export interface Wanted {
  channels: number;
  height: number;
  width: number;
}

const MOST_PIXELS = 16 * 2 ** 20;

/** How inputs of this shape can be a picture; null where they cannot. 784 in a row are 28 by 28. */
export function wantedOf(shape: readonly number[]): Wanted | null {
  const [first = 0, second = 0, third = 0] = shape;
  if (shape.length === 3 && [1, 3, 4].includes(first)) return { channels: first, height: second, width: third };
  if (shape.length === 2) return { channels: 1, height: first, width: second };
  if (shape.length !== 1) return null;
  for (const channels of [1, 3]) {
    const side = Math.floor(Math.sqrt(first / channels));
    if (side > 1 && channels * side * side === first) return { channels, height: side, width: side };
  }
  return null;
}

/** The picture's numbers, channel by channel, and what was done to it. Throws Unread. */
export async function readPicture(file: Blob, shape: readonly number[], top: number): Promise<{ row: number[]; notes: Note[] }> {
  const wanted = wantedOf(shape);
  if (!wanted) throw new Unread("no-picture", { count: shape.join(" × ") });
  const bitmap = await createImageBitmap(file, { colorSpaceConversion: "none" }).catch(() => {
    throw new Unread("picture-damaged");
  });
  const { width, height } = bitmap;
  if (width * height > MOST_PIXELS) throw new Unread("file-too-large", { most: (MOST_PIXELS * 4) / 2 ** 20 });
  const { pixels, transparent } = pixelsOf(bitmap);
  const planes = channelsOf(pixels, wanted.channels);
  const scaled = width !== wanted.width || height !== wanted.height;
  const row = planes.flatMap((plane) => Array.from(scaled ? resized(plane, width, height, wanted.width, wanted.height) : plane));
  const values = { width, height, top };
  const notes: Note[] = [{ code: wanted.channels === 1 ? "picture-grey" : "picture-colours", values }];
  if (scaled) notes.push({ code: "picture-scaled", values: { width: wanted.width, height: wanted.height } });
  if (transparent && wanted.channels < 4) notes.push({ code: "picture-over-white", values: {} });
  return { row: row.map((value) => shortest(Math.fround((value / 255) * top))), notes };
}

/** What the browser draws, over white where it is transparent. */
function pixelsOf(bitmap: ImageBitmap): { pixels: Uint8ClampedArray; transparent: boolean } {
  const { width, height } = bitmap;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  if (isAltered(context)) throw new Unread("picture-altered");
  context.clearRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  return { pixels: data, transparent: data.some((value, k) => k % 4 === 3 && value < 255) };
}

/** Whether the browser gives other pixels than were drawn, as some do against being recognised: no number may come of that. */
function isAltered(context: CanvasRenderingContext2D): boolean {
  const { width, height } = context.canvas;
  const known = new ImageData(Math.min(width, 16), Math.min(height, 16));
  known.data.forEach((_, k) => (known.data[k] = k % 4 === 3 ? 255 : (k * 37) % 256));
  context.putImageData(known, 0, 0);
  const back = context.getImageData(0, 0, known.width, known.height).data;
  return back.some((value, k) => value !== known.data[k]);
}

/** The planes that a network takes: one of grey (ITU-R 601, as Pillow has it), red, green and blue, and the opacity with them. */
function channelsOf(pixels: Uint8ClampedArray, channels: number): Uint8Array[] {
  const planes = Array.from({ length: channels }, () => new Uint8Array(pixels.length / 4));
  for (let k = 0; k < pixels.length; k += 4) {
    const opacity = pixels[k + 3]! / 255;
    const [red, green, blue] = [0, 1, 2].map((c) => (channels === 4 ? pixels[k + c]! : Math.round(pixels[k + c]! * opacity + 255 * (1 - opacity)))) as [number, number, number];
    const values = channels === 1 ? [(red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16] : [red, green, blue, pixels[k + 3]!];
    for (let c = 0; c < channels; c++) planes[c]![k / 4] = values[c]!;
  }
  return planes;
}
