import { coloursOf } from "../../studio/colour";
import type { Palette } from "./raster";

/** The colours of edges where the canvas stands. */
export function paletteOf(canvas: HTMLCanvasElement): Palette {
  const forced = matchMedia("(forced-colors: active)").matches;
  const names = forced ? ["CanvasText", "CanvasText", "CanvasText", "Canvas"] : ["var(--line-positive)", "var(--line-negative)", "var(--line-zero)"];
  const [positive, negative, zero, paper] = coloursOf(canvas.parentElement ?? document.body, names).map(
    ([red, green, blue]) => [red, green, blue] as const,
  );
  // Where all colours are one, a small weight is paler: thousands of lines in full ink are a blot.
  const pale = paper ? ([0, 1, 2].map((part) => Math.round(0.25 * zero![part]! + 0.75 * paper[part]!)) as [number, number, number]) : zero!;
  return { positive: positive!, negative: negative!, zero: pale };
}
