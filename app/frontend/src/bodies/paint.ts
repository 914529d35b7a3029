import { intensity } from "../diagram/scale";
import { HALF, readPalette, type Palette } from "../foresight/palette";
import { coloursOf } from "../studio/colour";
import type { Standing } from "../world/place";
import type { Box } from "../world/types";
import type { BodyPlan, Panel } from "./plan";

/** Colours of the one diverging scale as whole pixels in the machine's own order of bytes; `odd`: what is not a number. */
export interface Inks {
  readonly places: Uint32Array;
  readonly odd: number;
  readonly ink: string;
  readonly line: string;
  readonly palette: Palette;
}

/** Reads the inks from the page's styles, as its theme has them. */
export function readInks(host: HTMLElement): Inks {
  const [alarm, ink, line, low, zero, high] = coloursOf(host, ["var(--alarm)", "var(--ink)", "var(--control)", "var(--fill-negative)", "var(--fill-zero)", "var(--fill-positive)"]);
  const palette = readPalette(host) ?? mixed(low!, zero!, high!);
  const pixel = (red: number, green: number, blue: number): number => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  return {
    palette,
    places: Uint32Array.from({ length: 2 * HALF + 1 }, (_, k) => pixel(palette[3 * k]!, palette[3 * k + 1]!, palette[3 * k + 2]!)),
    odd: pixel(alarm![0], alarm![1], alarm![2]),
    ink: `rgb(${ink!.slice(0, 3).join()})`,
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

export const placeOf = (value: number): number => Math.round(intensity(value) * HALF) + HALF;

/** The fill of one value, as a style. */
export function fillOf(value: number, { palette }: Inks): string {
  const place = 3 * placeOf(value);
  return `rgb(${palette[place]} ${palette[place + 1]} ${palette[place + 2]})`;
}

let sheet: { canvas: HTMLCanvasElement; context: CanvasRenderingContext2D } | null = null;

/** One picture of a panel's cells, a pixel each; reused from panel to panel. */
export function pixelsOf(panel: Panel, values: Float32Array, inks: Inks): HTMLCanvasElement {
  if (!sheet) {
    const canvas = document.createElement("canvas");
    sheet = { canvas, context: canvas.getContext("2d", { willReadFrequently: true })! };
  }
  const { canvas, context } = sheet;
  const { rows, columns, start, rowStep, columnStep, count } = panel;
  if (canvas.width < columns || canvas.height < rows) Object.assign(canvas, { width: Math.max(canvas.width, columns), height: Math.max(canvas.height, rows) });
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const { places, odd } = inks;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const within = row * rowStep + column * columnStep;
      if (within >= count) continue;
      const value = values[start + within]!;
      pixels[row * columns + column] = Number.isNaN(value) ? odd : places[placeOf(value)]!;
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** Whether what is put in, bits or grey levels, is whole numbers alone, which need no zeros after their mark. What is computed keeps them. */
export function areWhole({ block }: Standing, values: Float32Array | undefined): boolean {
  return block.layer === null && values !== undefined && values.every(Number.isInteger);
}

/** Below this width a cell has no room for its number. */
export const NUMBER_WIDTH = 34;
const NUMBER_HEIGHT = 15;

/** Draws the panels of a body that are within `seen`, the part of the body that the canvas covers. */
export function paintPanels(context: CanvasRenderingContext2D, plan: BodyPlan, values: Float32Array, seen: Box, inks: Inks, print: (value: number) => string): void {
  context.imageSmoothingEnabled = false;
  context.lineWidth = 1;
  context.strokeStyle = inks.line;
  for (const panel of plan.panels) {
    const { x, y, width, height, rows, columns } = panel;
    if (x > seen.x + seen.width || y > seen.y + seen.height || x + width < seen.x || y + height < seen.y) continue;
    context.drawImage(pixelsOf(panel, values, inks), 0, 0, columns, rows, x - seen.x, y - seen.y, width, height);
    context.globalAlpha = 0.45;
    context.strokeRect(x - seen.x - 0.5, y - seen.y - 0.5, width + 1, height + 1);
    context.globalAlpha = 1;
    if (width / columns >= NUMBER_WIDTH && height / rows >= NUMBER_HEIGHT) writeNumbers(context, panel, values, seen, inks, print);
  }
}

function writeNumbers(context: CanvasRenderingContext2D, panel: Panel, values: Float32Array, seen: Box, inks: Inks, print: (value: number) => string): void {
  const [width, height] = [panel.width / panel.columns, panel.height / panel.rows];
  context.font = `${Math.min(13, height * 0.6, width / 3.6)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = inks.ink;
  for (let row = 0; row < panel.rows; row++) {
    const y = panel.y + (row + 0.5) * height - seen.y;
    if (y < -height || y > seen.height + height) continue;
    for (let column = 0; column < panel.columns; column++) {
      const x = panel.x + (column + 0.5) * width - seen.x;
      const within = row * panel.rowStep + column * panel.columnStep;
      if (x < -width || x > seen.width + width || within >= panel.count) continue;
      context.fillText(print(values[panel.start + within]!), x, y);
    }
  }
}
