import { HALF, readPalette, type Palette } from "../foresight/palette";
import { coloursOf } from "../studio/colour";
import type { Standing } from "../world/place";
import type { Box } from "../world/types";
import { emptyPixels, imageOf, onPixels, placeOf, writePanel, type PixelInks } from "./pixels";
import type { BodyPlan, Panel } from "./plan";

/** The colours of the scale, and what else is drawn with. */
export interface Inks extends PixelInks {
  readonly ink: string;
  /** On what is not a number. */
  readonly paper: string;
  readonly line: string;
  readonly palette: Palette;
}

/** Reads the inks from the page's styles, as its theme has them. */
export function readInks(host: HTMLElement): Inks {
  const [alarm, ink, paper, line, low, zero, high] = coloursOf(host, ["var(--alarm)", "var(--ink)", "var(--paper)", "var(--control)", "var(--fill-negative)", "var(--fill-zero)", "var(--fill-positive)"]);
  const palette = readPalette(host) ?? mixed(low!, zero!, high!);
  const pixel = (red: number, green: number, blue: number): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  return {
    palette,
    places: Uint32Array.from({ length: 2 * HALF + 1 }, (_, k) => pixel(palette[3 * k]!, palette[3 * k + 1]!, palette[3 * k + 2]!)),
    odd: pixel(alarm![0], alarm![1], alarm![2]),
    ink: `rgb(${ink!.slice(0, 3).join()})`,
    paper: `rgb(${paper!.slice(0, 3).join()})`,
    line: `rgb(${line!.slice(0, 3).join()})`,
  };
}

/** Where a browser can't mix in OKLab itself, its scale goes straight through sRGB. */
function mixed(low: readonly number[], zero: readonly number[], high: readonly number[]): Palette {
  return Uint8ClampedArray.from({ length: 3 * (2 * HALF + 1) }, (_, k) => {
    const place = Math.floor(k / 3) - HALF;
    const share = Math.abs(place) / HALF;
    return zero[k % 3]! + share * ((place < 0 ? low : high)[k % 3]! - zero[k % 3]!);
  });
}

/** The fill of one value, as a style. */
export function fillOf(value: number, { palette }: Inks): string {
  const place = 3 * placeOf(value);
  return `rgb(${palette[place]} ${palette[place + 1]} ${palette[place + 2]})`;
}

/** Whether what is put in, bits or grey levels, is whole numbers alone, which need no zeros after their mark. What is computed keeps them. */
export function areWhole({ block }: Standing, values: Float32Array | undefined): boolean {
  return block.layer === null && values !== undefined && values.every(Number.isInteger);
}

/** In a smaller cell there is no room for its number. */
export const NUMBER_WIDTH = 34;
export const NUMBER_HEIGHT = 15;

/** How many pixels a canvas has for each of the page. */
export const densityNow = (): number => Math.min(3, window.devicePixelRatio || 1);

/** Makes a canvas as large as the part of a body that it covers, and empty; undefined where no part is on screen. */
export function emptied(canvas: HTMLCanvasElement, seen: Box): CanvasRenderingContext2D | undefined {
  if (seen.width <= 0 || seen.height <= 0) return undefined;
  const density = densityNow();
  const [width, height] = [Math.ceil(seen.width * density), Math.ceil(seen.height * density)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  // As large as its pixels are: stretched by a part of one, all of it is blurred.
  Object.assign(canvas.style, { width: `${width / density}px`, height: `${height / density}px` });
  const context = canvas.getContext("2d")!;
  context.setTransform(density, 0, 0, density, 0, 0);
  // All of it: of a last pixel that is covered in part, a part would stay, and its line grow darker each time.
  context.clearRect(0, 0, width, height);
  return context;
}

/** The panels of a body that are within `seen`, the part of the body that is on screen. */
export const panelsWithin = ({ panels }: BodyPlan, seen: Box, beyond = 0): readonly Panel[] =>
  panels.filter(({ x, y, width, height }) => x <= seen.x + seen.width + beyond && y <= seen.y + seen.height + beyond && x + width + beyond >= seen.x && y + height + beyond >= seen.y);

/**
 * Draws the numbers of the panels that are within `seen`, which the canvas covers with so many pixels for each of the body's: as colours, and
 * where there is room for them in digits. All pixels are written at once, whatever was on the canvas.
 */
export function paintPanels(context: CanvasRenderingContext2D, plan: BodyPlan, values: Float32Array, seen: Box, density: number, inks: Inks, print: (value: number) => string): void {
  const { width, height } = context.canvas;
  const shown = panelsWithin(plan, seen);
  const pixels = emptyPixels(width, height);
  for (const panel of shown) writePanel(pixels, width, panel, onPixels(panel, seen, density), values, inks);
  context.putImageData(imageOf(pixels, width), 0, 0);
  for (const panel of shown) {
    if (panel.width / panel.columns >= NUMBER_WIDTH && panel.height / panel.rows >= NUMBER_HEIGHT) writeNumbers(context, panel, values, seen, inks, print);
  }
}

/** Draws a frame around each of them, right outside of its pixels. */
export function paintFrames(context: CanvasRenderingContext2D, plan: BodyPlan, seen: Box, density: number, inks: Inks): void {
  const line = 1 / density;
  context.lineWidth = 1;
  context.strokeStyle = inks.line;
  context.globalAlpha = 0.45;
  for (const panel of panelsWithin(plan, seen)) {
    const { x, y, width, height } = onPixels(panel, seen, density);
    context.strokeRect(x * line - 0.5, y * line - 0.5, width * line + 1, height * line + 1);
  }
  context.globalAlpha = 1;
}

function writeNumbers(context: CanvasRenderingContext2D, panel: Panel, values: Float32Array, seen: Box, inks: Inks, print: (value: number) => string): void {
  const [width, height] = [panel.width / panel.columns, panel.height / panel.rows];
  context.font = `${Math.min(13, height * 0.6, width / 3.6)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let row = 0; row < panel.rows; row++) {
    const y = panel.y + (row + 0.5) * height - seen.y;
    if (y < -height || y > seen.height + height) continue;
    for (let column = 0; column < panel.columns; column++) {
      const x = panel.x + (column + 0.5) * width - seen.x;
      const within = row * panel.rowStep + column * panel.columnStep;
      if (x < -width || x > seen.width + width || within >= panel.count) continue;
      const value = values[panel.start + within]!;
      context.fillStyle = Number.isNaN(value) ? inks.paper : inks.ink;
      context.fillText(print(value), x, y);
    }
  }
}
