import { intensity } from "../diagram/scale";
import { HALF, readPalette, type Palette } from "../foresight/palette";
import { coloursOf } from "../studio/colour";
import type { Standing } from "../world/place";
import type { Box, Point } from "../world/types";
import type { BodyPlan, Panel } from "./plan";

/** Colours of the one diverging scale as whole pixels in the machine's own order of bytes; `odd`: what is not a number. */
export interface Inks {
  readonly places: Uint32Array;
  readonly odd: number;
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

export const placeOf = (value: number): number => Math.round(intensity(value) * HALF) + HALF;

/** The fill of one value, as a style. */
export function fillOf(value: number, { palette }: Inks): string {
  const place = 3 * placeOf(value);
  return `rgb(${palette[place]} ${palette[place + 1]} ${palette[place + 2]})`;
}

/**
 * The cells of a body's panels, a pixel each, on one sheet: it is written once for a picture, however many panels there are. A canvas
 * of which something was taken is copied when it is written on again.
 */
export class Sheet {
  #canvas: HTMLCanvasElement | null = null;
  #image: ImageData | null = null;
  #pixels = new Uint32Array(0);
  #across = 1;
  #rows = 1;
  #columns = 1;

  /** Writes these panels, each where `place` says. */
  write(panels: readonly Panel[], values: Float32Array, { places, odd }: Inks): HTMLCanvasElement {
    const context = this.#sized(panels);
    const wide = this.#image!.width;
    const pixels = this.#pixels;
    for (const [k, { rows, columns, start, rowStep, columnStep, count }] of panels.entries()) {
      const { x, y } = this.place(k);
      const end = Math.min(start + count, values.length);
      for (let row = 0; row < rows; row++) {
        let pixel = (y + row) * wide + x;
        let from = start + row * rowStep;
        for (let column = 0; column < columns; column++, pixel++, from += columnStep) {
          pixels[pixel] = from >= end ? 0 : Number.isNaN(values[from]) ? odd : places[placeOf(values[from]!)]!;
        }
      }
    }
    context.putImageData(this.#image!, 0, 0);
    return this.#canvas!;
  }

  /** Where the panel that is the kth of those written has its first cell. */
  place(k: number): Point {
    return { x: (k % this.#across) * this.#columns, y: Math.floor(k / this.#across) * this.#rows };
  }

  #sized(panels: readonly Panel[]): CanvasRenderingContext2D {
    this.#rows = panels.reduce((most, { rows }) => Math.max(most, rows), 1);
    this.#columns = panels.reduce((most, { columns }) => Math.max(most, columns), 1);
    // About as wide as high.
    this.#across = Math.max(1, Math.round(Math.sqrt((panels.length * this.#rows) / this.#columns)));
    const [width, height] = [this.#across * this.#columns, Math.max(1, Math.ceil(panels.length / this.#across)) * this.#rows];
    this.#canvas ??= document.createElement("canvas");
    const context = this.#canvas.getContext("2d", { willReadFrequently: true })!;
    if (this.#image?.width !== width || this.#image.height !== height) {
      Object.assign(this.#canvas, { width, height });
      this.#image = context.createImageData(width, height);
      this.#pixels = new Uint32Array(this.#image.data.buffer);
    }
    return context;
  }
}

/** Whether what is put in, bits or grey levels, is whole numbers alone, which need no zeros after their mark. What is computed keeps them. */
export function areWhole({ block }: Standing, values: Float32Array | undefined): boolean {
  return block.layer === null && values !== undefined && values.every(Number.isInteger);
}

/** In a smaller cell there is no room for its number. */
export const NUMBER_WIDTH = 34;
export const NUMBER_HEIGHT = 15;

/** Makes a canvas as large as the part of a body that it covers, and empty; undefined where no part is on screen. */
export function emptied(canvas: HTMLCanvasElement, seen: Box): CanvasRenderingContext2D | undefined {
  if (seen.width <= 0 || seen.height <= 0) return undefined;
  const density = Math.min(3, window.devicePixelRatio || 1);
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

/** Draws the numbers of the panels that are within `seen`, which the canvas covers: as colours, and where there is room for them in digits. */
export function paintPanels(context: CanvasRenderingContext2D, sheet: Sheet, plan: BodyPlan, values: Float32Array, seen: Box, inks: Inks, print: (value: number) => string): void {
  context.imageSmoothingEnabled = false;
  const shown = panelsWithin(plan, seen);
  const cells = sheet.write(shown, values, inks);
  for (const [k, panel] of shown.entries()) {
    const { x, y, width, height, rows, columns } = panel;
    const from = sheet.place(k);
    context.drawImage(cells, from.x, from.y, columns, rows, x - seen.x, y - seen.y, width, height);
    if (width / columns >= NUMBER_WIDTH && height / rows >= NUMBER_HEIGHT) writeNumbers(context, panel, values, seen, inks, print);
  }
}

/** Draws a frame around each of them. */
export function paintFrames(context: CanvasRenderingContext2D, plan: BodyPlan, seen: Box, inks: Inks): void {
  context.lineWidth = 1;
  context.strokeStyle = inks.line;
  context.globalAlpha = 0.45;
  for (const { x, y, width, height } of panelsWithin(plan, seen)) context.strokeRect(x - seen.x - 0.5, y - seen.y - 0.5, width + 1, height + 1);
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
