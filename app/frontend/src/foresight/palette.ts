import { intensity } from "../diagram/scale";

/** The diverging scale as bytes: red, green, blue for each of 2·HALF + 1 places from −1 to 1, as the page's theme has it. */
export type Palette = Uint8ClampedArray;

export const HALF = 64;

/** Reads the scale from the page's own styles, so that what is painted has the very colours of the fills. */
export function readPalette(host: HTMLElement): Palette {
  // All places at once: the page is styled anew once, not at every reading.
  const probe = document.createElement("span");
  probe.hidden = true;
  // What is painted is a picture: forced colours would make it one plain field.
  probe.style.setProperty("forced-color-adjust", "none");
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

/**
 * A track as a background's image: one band for each output, from above, with a colour at each sample from `from` to `to` (fractions of
 * the track), the colours between them, and none beyond. `outputs` is (steps, count), row by row. Not a canvas: each of them
 * would be a layer of its own in every frame, and another one what stands above it.
 */
export function trackImage(outputs: Float32Array, count: number, [from, to]: readonly [number, number], palette: Palette): string {
  const steps = outputs.length / count;
  const bands = Array.from({ length: count }, (_, output) => {
    const colours = new Int32Array(steps);
    for (let x = 0; x < steps; x++) colours[x] = colourOf(outputs[x * count + output]!, palette);
    const stops = bends(colours).map((x) => {
      const place = 100 * (from + ((to - from) * x) / Math.max(1, steps - 1));
      return `${written(colours[x]!)} ${+place.toFixed(3)}%`;
    });
    if (from > 0) stops.unshift(`transparent ${+(100 * from).toFixed(3)}%`);
    if (to < 1) stops.push(`transparent ${+(100 * to).toFixed(3)}%`);
    return `linear-gradient(to right,${stops.join()})`;
  });
  return bands.join();
}

/** Where each band of a track stands, one below the other; apart from what is painted, which alone changes with every move. */
export function trackBands(count: number): { position: string; size: string } {
  const tops = Array.from({ length: count }, (_, output) => `0 ${count === 1 ? 0 : +((100 * output) / (count - 1)).toFixed(3)}%`);
  return { position: tops.join(), size: `100% ${+(100 / count).toFixed(3)}%` };
}

/** Where nothing is painted. */
const NONE = -1;

/** Red, green and blue as one number, 0xrrggbb: a list for each sample of each track would be thousands at every move. */
function colourOf(value: number, palette: Palette): number {
  if (Number.isNaN(value)) return NONE;
  const place = 3 * (Math.round(intensity(value) * HALF) + HALF);
  return (palette[place]! << 16) | (palette[place + 1]! << 8) | palette[place + 2]!;
}

/** Of red, green and blue the `k`th. */
const partOf = (colour: number, k: number): number => (colour >> (16 - 8 * k)) & 255;

/** As #rrggbb, which browsers read fastest. */
const written = (colour: number): string => (colour === NONE ? "transparent" : `#${((1 << 24) | colour).toString(16).slice(1)}`);

/** By so much of a byte a colour between two stops may differ from its own: a place of the palette is as wide. */
const UNSEEN = 1.5;

/**
 * Which samples have to be stops: the first, the last, and where the colours between two stops would leave the samples' own. A
 * browser reads a gradient of ten stops several times as fast as one of fifty, and there is one for each track at every move.
 */
export function bends(colours: ArrayLike<number>): number[] {
  const kept = [0];
  let stop = 0;
  /** From the last stop on: the slopes of each part of the colour that stay near all samples since. */
  const low = [-Infinity, -Infinity, -Infinity];
  const high = [Infinity, Infinity, Infinity];
  const slope = (x: number, k: number, off: number): number => (partOf(colours[x]!, k) + off - partOf(colours[stop]!, k)) / (x - stop);
  const near = (x: number): boolean => {
    if (colours[stop] === NONE || colours[x] === NONE) return false;
    for (let k = 0; k < 3; k++) if (slope(x, k, 0) < low[k]! || slope(x, k, 0) > high[k]!) return false;
    return true;
  };
  for (let x = 1; x < colours.length; x++) {
    if (x - 1 > stop && !near(x)) {
      kept.push((stop = x - 1));
      low.fill(-Infinity);
      high.fill(Infinity);
    }
    if (colours[stop] === NONE || colours[x] === NONE) continue;
    for (let k = 0; k < 3; k++) {
      low[k] = Math.max(low[k]!, slope(x, k, -UNSEEN));
      high[k] = Math.min(high[k]!, slope(x, k, UNSEEN));
    }
  }
  if (colours.length > 1) kept.push(colours.length - 1);
  return kept;
}

/**
 * Writes a plane's pixels, its second input growing upwards; what is not a number stays clear. `values` is (steps, steps), the rows
 * going with the second input.
 */
export function paintPlane(bytes: Uint8ClampedArray, values: Float32Array, steps: number, palette: Palette): void {
  const colours = pixelsOf(palette);
  const pixels = new Uint32Array(bytes.buffer);
  for (let row = 0; row < steps; row++) {
    const start = (steps - 1 - row) * steps;
    for (let x = 0; x < steps; x++) {
      const value = values[row * steps + x]!;
      pixels[start + x] = Number.isNaN(value) ? 0 : colours[Math.round(intensity(value) * HALF) + HALF]!;
    }
  }
}

const known = new WeakMap<Palette, Uint32Array>();

/** The palette's places as whole pixels, in the machine's own order of bytes. */
function pixelsOf(palette: Palette): Uint32Array {
  let pixels = known.get(palette);
  if (!pixels) {
    const bytes = Uint8ClampedArray.from({ length: 4 * (2 * HALF + 1) }, (_, i) => (i % 4 === 3 ? 255 : palette[3 * (i >> 2) + (i % 4)]!));
    known.set(palette, (pixels = new Uint32Array(bytes.buffer)));
  }
  return pixels;
}
