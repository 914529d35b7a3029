import type { Box } from "../world/types";
import type { Inks } from "./paint";
import { emptyPixels, imageOf, placeOf, writePanel } from "./pixels";
import type { BodyPlan, Panel } from "./plan";

/** Smaller cells have no room for a corner: the whole pinned panel is drawn, small in a corner or along a strip. */
const LEAST_CELL = 6;
/** Of a cell's side. */
const CORNER = 0.45;
/** Of a panel's. */
const INSET = 0.34;
const LEAST_INSET = 12;
/** Panels of so few columns are strips. */
const FEW_COLUMNS = 3;
/** Of a strip's column. */
const BESIDE = 0.38;

let small: CanvasRenderingContext2D | null = null;

/** A panel with a pixel for each of its cells. */
function smallOf(panel: Panel, values: Float32Array, inks: Inks): HTMLCanvasElement {
  const { rows: height, columns: width } = panel;
  small ??= document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  Object.assign(small.canvas, { width, height });
  const pixels = emptyPixels(width, height);
  writePanel(pixels, width, panel, { x: 0, y: 0, width, height }, values, inks);
  small.putImageData(imageOf(pixels, width), 0, 0);
  return small.canvas;
}

/** Marks what a pinned state had otherwise: each cell that differs has the pinned number's colour in its lower right corner. */
export function paintGhosts(context: CanvasRenderingContext2D, plan: BodyPlan, values: Float32Array, before: Float32Array, seen: Box, inks: Inks): void {
  context.lineWidth = 1;
  context.strokeStyle = inks.ink;
  for (const panel of plan.panels) {
    const { x, y, width, height, rows, columns } = panel;
    if (x > seen.x + seen.width || y > seen.y + seen.height || x + width < seen.x || y + height < seen.y) continue;
    if (Math.min(width / columns, height / rows) >= LEAST_CELL) paintCorners(context, panel, values, before, seen, inks);
    else paintInset(context, panel, values, before, seen, inks);
  }
}

/** Places of a panel's cells whose colour is another one: row, column and place among all numbers. */
function* differing({ rows, columns, start, rowStep, columnStep, count }: Panel, values: Float32Array, before: Float32Array): Generator<[row: number, column: number, place: number]> {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const within = row * rowStep + column * columnStep;
      const place = start + within;
      if (within < count && placeOf(values[place]!) !== placeOf(before[place]!)) yield [row, column, place];
    }
  }
}

function paintCorners(context: CanvasRenderingContext2D, panel: Panel, values: Float32Array, before: Float32Array, seen: Box, inks: Inks): void {
  const [width, height] = [panel.width / panel.columns, panel.height / panel.rows];
  const side = CORNER * Math.min(width, height);
  const lines = new Path2D();
  for (const [row, column, place] of differing(panel, values, before)) {
    const [x, y] = [panel.x + (column + 1) * width - seen.x, panel.y + (row + 1) * height - seen.y];
    const corner = new Path2D(`M${x} ${y - side}V${y}H${x - side}Z`);
    const colour = 3 * placeOf(before[place]!);
    context.fillStyle = `rgb(${inks.palette[colour]} ${inks.palette[colour + 1]} ${inks.palette[colour + 2]})`;
    context.fill(corner);
    lines.moveTo(x, y - side);
    lines.lineTo(x - side, y);
  }
  context.globalAlpha = 0.7;
  context.stroke(lines);
  context.globalAlpha = 1;
}

function paintInset(context: CanvasRenderingContext2D, panel: Panel, values: Float32Array, before: Float32Array, seen: Box, inks: Inks): void {
  if (differing(panel, values, before).next().done) return;
  context.imageSmoothingEnabled = false;
  const source = smallOf(panel, before, inks);
  const [left, top] = [panel.x - seen.x, panel.y - seen.y];
  if (panel.columns <= FEW_COLUMNS) {
    // Of a strip each pinned number stands beside its own cell.
    const across = panel.width / panel.columns;
    for (let k = 0; k < panel.columns; k++) context.drawImage(source, k, 0, 1, panel.rows, left + (k + 1 - BESIDE) * across, top, BESIDE * across, panel.height);
    for (let k = 0; k < panel.columns; k++) context.strokeRect(left + (k + 1 - BESIDE) * across + 0.5, top + 0.5, BESIDE * across - 1, panel.height - 1);
    return;
  }
  const [width, height] = [Math.max(LEAST_INSET, INSET * panel.width), Math.max(LEAST_INSET, INSET * panel.height)];
  if (width > panel.width || height > panel.height) return;
  const [x, y] = [left + panel.width - width, top + panel.height - height];
  context.drawImage(source, 0, 0, panel.columns, panel.rows, x, y, width, height);
  context.strokeRect(x + 0.5, y + 0.5, width, height);
}
