/** The few edges that stand out, over the picture of all. */
import type { Lit } from "../lit";
import type { Bundle, Ink } from "./bundle";
import { paletteOf } from "./palette";
import { Raster, type Frame } from "./raster";

const DEPTH = -Math.log(1 - 0.92);
const INK: Ink = { alone: DEPTH, steep: DEPTH, power: 0 };
/** They are no thinner than this part of their full width. */
const LEAST_SCALE = 0.4;

export function drawOwn(canvas: HTMLCanvasElement, bundle: Bundle, frame: Frame, { sources, targets, edges, some }: Lit): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!some) return;
  const raster = new Raster({ ...bundle, scale: Math.max(LEAST_SCALE, bundle.scale) }, INK, frame);
  for (const from of sources) raster.draw(from, from + 1, 0, bundle.targets.length);
  for (const to of targets) raster.draw(0, bundle.sources.length, to, to + 1);
  for (const [from, to] of edges) raster.draw(from, from + 1, to, to + 1);
  if (canvas.width !== raster.width || canvas.height !== raster.height) Object.assign(canvas, { width: raster.width, height: raster.height });
  context.putImageData(new ImageData(raster.pixels(paletteOf(canvas)), raster.width, raster.height), 0, 0);
}
