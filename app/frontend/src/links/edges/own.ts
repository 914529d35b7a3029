/** The few edges that stand out, over the picture of all. */
import type { Lit } from "../lit";
import { inkOf, type Bundle } from "./bundle";
import { paletteOf } from "./palette";
import { Raster, type Frame } from "./raster";

/** How opaque one is that no other crosses. */
const OPACITY = 0.92;
/** They are no thinner than this part of their full width. */
const LEAST_SCALE = 0.4;

export function drawOwn(canvas: HTMLCanvasElement, bundle: Bundle, frame: Frame, { sources, targets, edges, some }: Lit): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!some) return;
  const shown = { ...bundle, scale: Math.max(LEAST_SCALE, bundle.scale) };
  const raster = new Raster(shown, inkOf({ ...shown, ...shownOf(bundle, sources, targets) }, OPACITY), frame);
  for (const from of sources) raster.draw(from, from + 1, 0, bundle.targets.length);
  for (const to of targets) raster.draw(0, bundle.sources.length, to, to + 1);
  for (const [from, to] of edges) raster.draw(from, from + 1, to, to + 1);
  if (canvas.width !== raster.width || canvas.height !== raster.height) Object.assign(canvas, { width: raster.width, height: raster.height });
  context.putImageData(new ImageData(raster.pixels(paletteOf(canvas)), raster.width, raster.height), 0, 0);
}

/** The edges that are drawn whole rows and columns of, and the ends that they spread over. */
function shownOf({ weights, sources, targets }: Bundle, rows: ReadonlySet<number>, columns: ReadonlySet<number>): Pick<Bundle, "weights" | "sources" | "targets"> {
  const wide = targets.length;
  const ofRows = [...rows].flatMap((row) => [...weights.subarray(row * wide, (row + 1) * wide)]);
  const ofColumns = [...columns].flatMap((column) => Array.from({ length: sources.length }, (_, row) => weights[row * wide + column]!));
  const ends = rows.size > 0 ? targets : sources;
  return { weights: Float32Array.from([...ofRows, ...ofColumns]), sources: ends, targets: ends };
}
