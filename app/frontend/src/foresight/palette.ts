import { coloursOf, type Srgb } from "../studio/colour";
import { placeIn, type OwnRange } from "./ownRange";

/** The diverging scale as bytes: red, green, blue for each of 2·HALF + 1 places from −1 to 1, as the page's theme has it. */
export type Palette = Uint8ClampedArray;

export const HALF = 64;
/** The browser mixes every eighth colour; between them the scale is as good as straight, and mixing them all takes it as long as drawing the diagram. */
const EVERY = 8;

/** Reads the scale from the page's own styles, so that what is painted has the very colours of the fills. null: they cannot be mixed. */
export function readPalette(host: HTMLElement): Palette | null {
  if (!CSS.supports("color", "color-mix(in oklab, red, red)")) return null;
  const places = Array.from({ length: (2 * HALF) / EVERY + 1 }, (_, i) => i * EVERY - HALF);
  const colours = places.map((place) => {
    const strength = (Math.abs(place) / HALF) * 100;
    return `color-mix(in oklab, var(--fill-${place < 0 ? "negative" : "positive"}) ${strength}%, var(--fill-zero))`;
  });
  return between(coloursOf(host, colours));
}

/** All places of the scale, of which every eighth is given. */
export function between(given: readonly Srgb[]): Palette {
  const palette = new Uint8ClampedArray(3 * (2 * HALF + 1));
  for (let i = 0; i < palette.length; i++) {
    const [place, part] = [Math.floor(i / 3), i % 3];
    const [before, after] = [given[Math.floor(place / EVERY)]!, given[Math.ceil(place / EVERY)]!];
    const way = (place % EVERY) / EVERY;
    palette[i] = (1 - way) * before[part]! + way * after[part]!;
  }
  return palette;
}

type Ends = Pick<OwnRange, "low" | "high">;

/**
 * A track as a background's image: one band for each output, from above, with a colour at each sample from `from` to `to` (fractions of
 * the track), the colours between them, and none beyond. `range` is what the colours span; `outputs` is (steps, count), row by row. Not a canvas: each of them
 * would be a layer of its own in every frame, and another one what stands above it.
 */
export function trackImage(
  outputs: Float32Array,
  count: number,
  [from, to]: readonly [number, number],
  range: Ends,
  palette: Palette,
): string {
  const steps = outputs.length / count;
  const bands = Array.from({ length: count }, (_, output) => {
    const colours = Array.from({ length: steps }, (_, x) => colourOf(outputs[x * count + output]!, range, palette));
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

/** The colours of a range from its low end to its high one, as a background's image. */
export function scaleImage(range: Ends, palette: Palette): string {
  const { low, high } = range;
  const middle = low < 0 && high > 0 ? [0] : [];
  const stops = [low, ...middle, high].map((value) => {
    const place = high > low ? (100 * (value - low)) / (high - low) : 0;
    return `${written(colourOf(value, range, palette))} ${+place.toFixed(2)}%`;
  });
  return `linear-gradient(to right,${stops.join()})`;
}

/** Where each band of a track stands, one below the other; apart from what is painted, which alone changes with every move. */
export function trackBands(count: number): { position: string; size: string } {
  const tops = Array.from({ length: count }, (_, output) => `0 ${count === 1 ? 0 : +((100 * output) / (count - 1)).toFixed(3)}%`);
  return { position: tops.join(), size: `100% ${+(100 / count).toFixed(3)}%` };
}

/** Red, green and blue; null where nothing is painted. */
type Colour = readonly [number, number, number] | null;

function colourOf(value: number, range: Ends, palette: Palette): Colour {
  if (Number.isNaN(value)) return null;
  const place = 3 * (Math.round(placeIn(value, range) * HALF) + HALF);
  return [palette[place]!, palette[place + 1]!, palette[place + 2]!];
}

/** As #rrggbb, which browsers read fastest. */
const written = (colour: Colour): string =>
  colour ? `#${((1 << 24) | (colour[0] << 16) | (colour[1] << 8) | colour[2]).toString(16).slice(1)}` : "transparent";

/** By so much of a byte a colour between two stops may differ from its own: a place of the palette is as wide. */
const UNSEEN = 1.5;

/**
 * Which samples have to be stops: the first, the last, and where the colours between two stops would leave the samples' own. A
 * browser reads a gradient of ten stops several times as fast as one of fifty, and there is one for each track at every move.
 */
export function bends(colours: readonly Colour[]): number[] {
  const kept = [0];
  /** From the last stop on: the slopes of each part of the colour that stay near all samples since. */
  let [low, high] = [[-Infinity, -Infinity, -Infinity], [Infinity, Infinity, Infinity]];
  for (let x = 1; x < colours.length; x++) {
    const stop = kept.at(-1)!;
    const [a, b] = [colours[stop]!, colours[x]!];
    const near = a && b && a.every((part, k) => (b[k]! - part) / (x - stop) >= low[k]! && (b[k]! - part) / (x - stop) <= high[k]!);
    if (!near && x - 1 > stop) {
      kept.push(x - 1);
      [low, high] = [[-Infinity, -Infinity, -Infinity], [Infinity, Infinity, Infinity]];
    }
    const last = kept.at(-1)!;
    const c = colours[last]!;
    if (!c || !b) continue;
    c.forEach((part, k) => {
      low[k] = Math.max(low[k]!, (b[k]! - UNSEEN - part) / (x - last));
      high[k] = Math.min(high[k]!, (b[k]! + UNSEEN - part) / (x - last));
    });
  }
  if (colours.length > 1) kept.push(colours.length - 1);
  return kept;
}

/**
 * Writes a plane's pixels, its second input growing upwards; what is not a number stays clear. `values` is (steps, steps), the rows
 * going with the second input; `range` is what the colours span.
 */
export function paintPlane(bytes: Uint8ClampedArray, values: Float32Array, steps: number, range: Ends, palette: Palette): void {
  const colours = pixelsOf(palette);
  const pixels = new Uint32Array(bytes.buffer);
  for (let row = 0; row < steps; row++) {
    const start = (steps - 1 - row) * steps;
    for (let x = 0; x < steps; x++) {
      const value = values[row * steps + x]!;
      pixels[start + x] = Number.isNaN(value) ? 0 : colours[Math.round(placeIn(value, range) * HALF) + HALF]!;
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
