import { intensity } from "../diagram/scale";
import { HALF, readPalette } from "../foresight/palette";
import { roundUp } from "../inspector/curve";
import { coloursOf } from "../studio/colour";

/** The diverging scale as whole pixels in the machine's own order of bytes, and the inks around it, as the theme has them. */
export interface Inks {
  readonly pixels: Uint32Array;
  readonly ink: string;
  /** On what is not a number. */
  readonly paper: string;
  readonly line: string;
  readonly alarm: number;
}

const pixel = (parts: ArrayLike<number>): number => ((255 << 24) | (parts[2]! << 16) | (parts[1]! << 8) | parts[0]!) >>> 0;

const known = new Map<string, Inks>();

/** Reads them from the page's styles, once for each theme. */
export function readInks(host: HTMLElement): Inks {
  const key = getComputedStyle(host).getPropertyValue("color");
  let inks = known.get(key);
  if (!inks) {
    const [ink, paper, line, alarm, low, zero, high] = coloursOf(host, ["var(--ink)", "var(--paper)", "var(--control)", "var(--alarm)", "var(--fill-negative)", "var(--fill-zero)", "var(--fill-positive)"]);
    const palette = readPalette(host);
    // Where a browser cannot mix in OKLab itself, its scale goes straight through sRGB.
    const between = (k: number): number[] => {
      const share = Math.abs(k - HALF) / HALF;
      return [0, 1, 2].map((part) => zero![part]! + share * ((k < HALF ? low : high)![part]! - zero![part]!));
    };
    const pixels = Uint32Array.from({ length: 2 * HALF + 1 }, (_, k) => pixel(palette ? palette.subarray(3 * k, 3 * k + 3) : between(k)));
    const css = (each: ArrayLike<number>): string => `rgb(${each[0]} ${each[1]} ${each[2]})`;
    known.set(key, (inks = { pixels, ink: css(ink!), paper: css(paper!), line: css(line!), alarm: pixel(alarm!) }));
  }
  return inks;
}

/** The ink of a value; `reach`, where there is one, is what the colours span to both sides instead of the page's own scale. */
export function inkOf(value: number, inks: Inks, reach: number | null = null): number {
  if (Number.isNaN(value)) return inks.alarm;
  const place = reach === null ? intensity(value) : Math.min(1, Math.max(-1, value / reach));
  return inks.pixels[Math.round(place * HALF) + HALF]!;
}

/** Below this the page's own scale shows hardly a difference. */
const FAINT = 0.4;

/** What the colours of these values span, where they are all too faint on the page's own scale; a round number, so that it changes seldom. */
export function reachOf(values: Iterable<number>): number | null {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest === 0 || largest >= FAINT ? null : roundUp(largest);
}
