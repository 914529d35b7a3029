import { coloursOf } from "../../studio/colour";
import type { Palette } from "./raster";

/** The colours of edges where the canvas stands. */
export function paletteOf(canvas: HTMLCanvasElement): Palette {
  const forced = matchMedia("(forced-colors: active)").matches;
  const names = forced ? ["CanvasText", "CanvasText", "CanvasText"] : ["var(--line-positive)", "var(--line-negative)", "var(--line-zero)"];
  const [positive, negative, zero] = coloursOf(canvas.parentElement ?? document.body, names).map(
    ([red, green, blue]) => [red, green, blue] as const,
  );
  return { positive: positive!, negative: negative!, zero: zero! };
}
