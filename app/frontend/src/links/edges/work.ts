/** What the worker that draws edges is told, and what it tells. A link is known by its number. */
import type { Bundle, Ink } from "./bundle";
import type { Area, Frame, Palette } from "./raster";

export type Order =
  | { op: "paint"; link: number; bundle: Bundle; ink: Ink; frame: Frame; palette: Palette }
  | { op: "change"; link: number; from: number; to: number; weight: number }
  | { op: "colour"; link: number; palette: Palette }
  | { op: "forget"; link: number };

export interface Picture {
  link: number;
  /** How much of it is drawn, 0 to 1. */
  done: number;
  /** Of all of it. */
  width: number;
  height: number;
  /** The part of it that the pixels are. */
  area: Area;
  pixels: Uint8ClampedArray<ArrayBuffer>;
}
