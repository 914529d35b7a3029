/** The few edges that stand out, over the picture of all. */
import type { Lit } from "../lit";
import { inkOf, type Bundle } from "./bundle";
import { Raster, type Area, type Frame, type Palette } from "./raster";

/** How opaque one is that no other crosses. */
const OPACITY = 0.92;
/** They are no thinner than this part of their full width. */
const LEAST_SCALE = 0.4;
/** Of so many other weights each edge is drawn anew by itself; of more the picture is. */
const MOST_CHANGES = 32;

/** Another weight of an edge, which is drawn as often as it stands out: as one of a neuron's, and as the one under a hand. */
interface Change {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly times: number;
}

/** What stands out of one link. It is kept: while a weight moves, its edge alone is drawn anew. */
export class OwnEdges {
  #raster: Raster | null = null;
  #last: { bundle: Bundle; frame: Frame; lit: Lit; palette: Palette } | null = null;

  draw(canvas: HTMLCanvasElement, bundle: Bundle, frame: Frame, lit: Lit, palette: Palette): void {
    const context = canvas.getContext("2d");
    if (!context) return;
    const changed = this.#changed(bundle, frame, lit, palette);
    this.#last = { bundle, frame, lit, palette };
    if (changed) {
      for (const { from, to, weight, times } of changed) this.#put(context, palette, this.#raster!.replace(from, to, weight, times));
      return;
    }
    this.#raster = null;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!lit.some) return;
    const { sources, targets, edges } = lit;
    const shown = { ...bundle, weights: bundle.weights.slice(), scale: Math.max(LEAST_SCALE, bundle.scale) };
    const raster = (this.#raster = new Raster(shown, inkOf({ ...shown, ...shownOf(bundle, sources, targets) }, OPACITY), frame));
    for (const from of sources) raster.draw(from, from + 1, 0, bundle.targets.length);
    for (const to of targets) raster.draw(0, bundle.sources.length, to, to + 1);
    for (const [from, to] of edges) raster.draw(from, from + 1, to, to + 1);
    if (canvas.width !== raster.width || canvas.height !== raster.height) Object.assign(canvas, { width: raster.width, height: raster.height });
    this.#put(context, palette, raster.whole);
  }

  #put(context: CanvasRenderingContext2D, palette: Palette, area: Area): void {
    if (area.width > 0 && area.height > 0) context.putImageData(new ImageData(this.#raster!.pixels(palette, area), area.width, area.height), area.x, area.y);
  }

  /** The edges whose weights alone are others than in what is drawn; null where more than that is, or many are. */
  #changed({ sources, targets, weights, scale }: Bundle, frame: Frame, lit: Lit, palette: Palette): Change[] | null {
    const last = this.#last;
    if (!this.#raster || !last || last.frame !== frame || last.lit !== lit || last.palette !== palette) return null;
    if (last.bundle.sources !== sources || last.bundle.targets !== targets || last.bundle.scale !== scale || last.bundle.weights.length !== weights.length) return null;
    const found = new Map<number, Change>();
    const look = (from: number, to: number): void => {
      const edge = from * targets.length + to;
      const weight = weights[edge]!;
      if (!Object.is(weight, last.bundle.weights[edge])) found.set(edge, { from, to, weight, times: (found.get(edge)?.times ?? 0) + 1 });
    };
    for (const from of lit.sources) for (let to = 0; to < targets.length; to++) look(from, to);
    for (const to of lit.targets) for (let from = 0; from < sources.length; from++) look(from, to);
    for (const [from, to] of lit.edges) look(from, to);
    return found.size > MOST_CHANGES ? null : [...found.values()];
  }
}

/** The edges that are drawn whole rows and columns of, and the ends that they spread over. */
function shownOf({ weights, sources, targets }: Bundle, rows: ReadonlySet<number>, columns: ReadonlySet<number>): Pick<Bundle, "weights" | "sources" | "targets"> {
  const wide = targets.length;
  const ofRows = [...rows].flatMap((row) => [...weights.subarray(row * wide, (row + 1) * wide)]);
  const ofColumns = [...columns].flatMap((column) => Array.from({ length: sources.length }, (_, row) => weights[row * wide + column]!));
  const ends = rows.size > 0 ? targets : sources;
  return { weights: Float32Array.from([...ofRows, ...ofColumns]), sources: ends, targets: ends };
}
