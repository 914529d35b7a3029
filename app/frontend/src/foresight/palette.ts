import { intensity } from "../diagram/scale";

/** The diverging scale as bytes: red, green, blue for each of 2·HALF + 1 places from −1 to 1, as the page's theme has it. */
export type Palette = Uint8ClampedArray;

export const HALF = 64;

/** Reads the scale from the page's own styles, so that what is painted has the very colours of the fills. */
export function readPalette(host: HTMLElement): Palette {
  // All places at once: the page is styled anew once, not at every reading.
  const probe = document.createElement("span");
  probe.hidden = true;
  for (let place = -HALF; place <= HALF; place++) {
    const strength = (Math.abs(place) / HALF) * 100;
    const colour = document.createElement("span");
    colour.style.color = `color-mix(in oklab, var(--fill-${place < 0 ? "negative" : "positive"}) ${strength}%, var(--fill-zero))`;
    probe.append(colour);
  }
  host.append(probe);
  const canvas = document.createElement("canvas");
  canvas.width = 2 * HALF + 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  for (const [place, colour] of [...probe.children].entries()) {
    context.fillStyle = getComputedStyle(colour).color;
    context.fillRect(place, 0, 1, 1);
  }
  probe.remove();
  const pixels = context.getImageData(0, 0, 2 * HALF + 1, 1).data;
  return new Uint8ClampedArray(Array.from({ length: 3 * (2 * HALF + 1) }, (_, i) => pixels[4 * Math.floor(i / 3) + (i % 3)]!));
}

/** Writes a value's colour at a pixel (its index counts pixels); what is not a number stays clear. */
export function paint(pixels: Uint8ClampedArray, pixel: number, value: number, palette: Palette): void {
  const at = 4 * pixel;
  if (Number.isNaN(value)) {
    pixels[at + 3] = 0;
    return;
  }
  const place = 3 * (Math.round(intensity(value) * HALF) + HALF);
  pixels[at] = palette[place]!;
  pixels[at + 1] = palette[place + 1]!;
  pixels[at + 2] = palette[place + 2]!;
  pixels[at + 3] = 255;
}

/** A track's pixels, steps wide: one band of `height` pixels for each output. `outputs` is (steps, count), row by row. */
export function trackPixels(outputs: Float32Array, count: number, height: number, palette: Palette): Uint8ClampedArray {
  const steps = outputs.length / count;
  const pixels = new Uint8ClampedArray(4 * steps * count * height);
  for (let y = 0; y < count * height; y++) {
    const output = Math.floor(y / height);
    for (let x = 0; x < steps; x++) paint(pixels, y * steps + x, outputs[x * count + output]!, palette);
  }
  return pixels;
}

/** A plane's pixels, its second input growing upwards. `values` is (steps, steps), the rows going with the second input. */
export function planePixels(values: Float32Array, steps: number, palette: Palette): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(4 * steps * steps);
  for (let row = 0; row < steps; row++) {
    for (let x = 0; x < steps; x++) paint(pixels, (steps - 1 - row) * steps + x, values[row * steps + x]!, palette);
  }
  return pixels;
}
