/**
 * Edges as pixels, without a graphics card: every column of the picture is the same part of every edge's way, so an edge is a short
 * vertical span in each. Depths of ink are added up, whatever their order, and made into colours at the end.
 */
import { edgeWidth } from "../../diagram/scale";
import { acrossFlow, DASH, DASHED, dashPhase, depthOf, hueOf, parameterAt, type Bundle, type Ink } from "./bundle";

/** The inks: each red, green, blue from 0 to 255. */
export interface Palette {
  readonly positive: readonly [number, number, number];
  readonly negative: readonly [number, number, number];
  readonly zero: readonly [number, number, number];
}

/** What part of the diagram a picture shows, in CSS pixels, and how many device pixels each of them has. */
export interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly density: number;
}

/** A part of a picture, in its pixels. */
export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** So many edges are drawn between two looks at the clock. */
const AT_ONCE = 2048;
/** Depths of the positive, the negative and the zero weight's ink, one after another. */
const INKS = 3;

export class Raster {
  readonly width: number;
  readonly height: number;
  readonly #bundle: Bundle;
  readonly #ink: Ink;
  readonly #density: number;
  /** Pixels along the flow, and across it. */
  readonly #columns: number;
  readonly #rows: number;
  /** Column by column: what an edge touches in one lies together. */
  readonly #depths: Float32Array;
  /** Of each column: how far an edge has come across, how steep it is there for each pixel of its ends' distance, and the pixels that it
   *  fills of the column. */
  readonly #come: Float32Array;
  readonly #steepness: Float32Array;
  readonly #filled: Float32Array;
  readonly #steepest: number;
  readonly #sources: Float32Array;
  readonly #targets: Float32Array;
  /** The edges of so many sources are drawn. */
  #drawn = 0;

  constructor(bundle: Bundle, ink: Ink, frame: Frame) {
    const { density } = frame;
    const right = bundle.flow === "right";
    this.#bundle = bundle;
    this.#ink = ink;
    this.#density = density;
    this.width = Math.max(1, Math.round(frame.width * density));
    this.height = Math.max(1, Math.round(frame.height * density));
    [this.#columns, this.#rows] = right ? [this.width, this.height] : [this.height, this.width];
    this.#depths = new Float32Array(INKS * this.#columns * this.#rows);
    const [along, across] = right ? [frame.x, frame.y] : [frame.y, frame.x];
    this.#sources = bundle.sources.map((place) => (place - across) * density);
    this.#targets = bundle.targets.map((place) => (place - across) * density);
    const start = (bundle.start - along) * density;
    const length = Math.max(1e-6, (bundle.end - bundle.start) * density);
    this.#come = new Float32Array(this.#columns);
    this.#steepness = new Float32Array(this.#columns);
    this.#filled = new Float32Array(this.#columns);
    for (let column = 0; column < this.#columns; column++) {
      const t = parameterAt(Math.min(1, Math.max(0, (column + 0.5 - start) / length)));
      this.#come[column] = acrossFlow(t);
      this.#steepness[column] = (6 * t - 6 * t * t) / (1.5 - 3 * t + 3 * t * t) / length;
      this.#filled[column] = Math.max(0, Math.min(column + 1, start + length) - Math.max(column, start));
    }
    this.#steepest = this.#steepness.reduce((most, each) => Math.max(most, each), 0);
  }

  /** Draws all edges, some at a time; stops between, so that whoever draws can do something else. */
  *drawn(): Generator<number, void> {
    const to = this.#targets.length;
    const rows = Math.max(1, Math.floor(AT_ONCE / Math.max(1, to)));
    for (let from = 0; from < this.#sources.length; from += rows) {
      this.#drawn = Math.min(this.#sources.length, from + rows);
      this.#layDown(from, this.#drawn, 0, to);
      yield Math.min(1, (from + rows) / this.#sources.length);
    }
  }

  /** Draws the edges of some sources to some targets at once. */
  draw(from: number, fromEnd: number, to: number, toEnd: number): void {
    this.#layDown(from, fromEnd, to, toEnd);
  }

  /** Another weight for one edge, which stands or is still to be drawn. Returns the part of the picture that is another. */
  change(from: number, to: number, weight: number): Area {
    if (from < this.#drawn) return this.replace(from, to, weight);
    this.#bundle.weights[from * this.#targets.length + to] = weight;
    return { x: 0, y: 0, width: 0, height: 0 };
  }

  /** The same of one that is drawn, so many times: its old ink is taken up and its new one laid down. */
  replace(from: number, to: number, weight: number, times = 1): Area {
    const { weights, scale, flow } = this.#bundle;
    const edge = from * this.#targets.length + to;
    const old = weights[edge]!;
    this.#layDown(from, from + 1, to, to + 1, -times);
    weights[edge] = weight;
    this.#layDown(from, from + 1, to, to + 1, times);
    const [one, other] = [this.#sources[from]!, this.#targets[to]!];
    const slope = Math.abs(other - one) * this.#steepest;
    const half = (Math.max(edgeWidth(old, scale) || 0, edgeWidth(weight, scale) || 0) * this.#density) / 2;
    const reach = Math.max(half * Math.sqrt(1 + slope * slope), slope / 2) + 1;
    const first = Math.max(0, Math.floor(Math.min(one, other) - reach));
    const across = Math.max(0, Math.min(this.#rows, Math.ceil(Math.max(one, other) + reach)) - first);
    return flow === "right" ? { x: 0, y: first, width: this.width, height: across } : { x: first, y: 0, width: across, height: this.height };
  }

  #layDown(from: number, fromEnd: number, to: number, toEnd: number, times = 1): void {
    const wide = toEnd - to;
    const strokes = this.#strokes(from, fromEnd, to, toEnd, times);
    const gone = new Float32Array((fromEnd - from) * wide);
    const first = from * this.#targets.length + to;
    for (let edge = 0; edge < gone.length; edge++) {
      gone[edge] = DASHED * this.#density * dashPhase(first + Math.floor(edge / wide) * this.#targets.length + (edge % wide), this.#ink);
    }
    for (let column = 0; column < this.#columns; column++) {
      if (this.#filled[column] === 0) continue;
      for (let source = from; source < fromEnd; source++) this.#column(column, source, to, toEnd, (source - from) * wide, strokes, gone);
    }
  }

  /** Half the width of each edge, and the depths of its inks; a negative weight's first one is below zero. */
  #strokes(from: number, fromEnd: number, to: number, toEnd: number, times: number): Float32Array[] {
    const { weights, scale } = this.#bundle;
    const count = (fromEnd - from) * (toEnd - to);
    const [half, hue, grey, dashed] = Array.from({ length: 4 }, () => new Float32Array(count)) as [Float32Array, Float32Array, Float32Array, Float32Array];
    let place = 0;
    for (let source = from; source < fromEnd; source++) {
      for (let target = to; target < toEnd; target++, place++) {
        const weight = weights[source * this.#targets.length + target]!;
        const depth = times * depthOf(weight, this.#ink);
        const share = weight === 0 || Number.isNaN(weight) ? 0 : hueOf(weight);
        half[place] = (edgeWidth(weight, scale) * this.#density) / 2;
        hue[place] = depth * share;
        grey[place] = depth * (1 - share);
        dashed[place] = weight < 0 ? 1 : 0;
      }
    }
    return [half, hue, grey, dashed];
  }

  /** One source's edges in one column. */
  #column(column: number, source: number, to: number, toEnd: number, first: number, strokes: Float32Array[], gone: Float32Array): void {
    const [half, hue, grey, dashed] = strokes as [Float32Array, Float32Array, Float32Array, Float32Array];
    const depths = this.#depths;
    const rows = this.#rows;
    const targets = this.#targets;
    const begin = this.#sources[source]!;
    const come = this.#come[column]!;
    const steepness = this.#steepness[column]!;
    const filled = this.#filled[column]!;
    const [dash, period] = [DASH * this.#density, DASHED * this.#density];
    const base = column * rows;
    for (let target = to, edge = first; target < toEnd; target++, edge++) {
      const rise = targets[target]! - begin;
      const slope = rise * steepness;
      const longer = Math.sqrt(1 + slope * slope);
      if (dashed[edge] !== 0) {
        const way = gone[edge]!;
        const further = way + longer * filled;
        gone[edge] = further < period ? further : further - period * Math.floor(further / period);
        if (way >= dash) continue;
      }
      const middle = begin + rise * come;
      // As tall as it is thick there, or as it climbs within the column, thinner then by as much.
      const thick = half[edge]! * longer;
      const reach = Math.max(thick, slope / 2, -slope / 2);
      const part = (filled * thick) / reach;
      const top = Math.max(0, middle - reach);
      const bottom = Math.min(rows, middle + reach);
      const ink = hue[edge]! * part;
      const plain = grey[edge]! * part;
      const own = dashed[edge]!;
      let row = Math.floor(top);
      for (let place = INKS * (base + row), above = top; above < bottom; place += INKS) {
        const below = ++row < bottom ? row : bottom;
        const cover = below - above;
        depths[place + own]! += cover * ink;
        depths[place + 2]! += cover * plain;
        above = below;
      }
    }
  }

  /** All of the picture. */
  get whole(): Area {
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  /** The picture as it stands, or a part of it: red, green, blue, alpha of each pixel, row by row from the top. */
  pixels(palette: Palette, { x: left, y: top, width, height }: Area = this.whole): Uint8ClampedArray<ArrayBuffer> {
    const pixels = new Uint8ClampedArray(4 * width * height);
    const depths = this.#depths;
    const right = this.#bundle.flow === "right";
    const { positive, negative, zero } = palette;
    const inks = [0, 1, 2].map((part) => [positive[part]!, negative[part]!, zero[part]!] as const);
    for (let y = top, to = 0; y < top + height; y++) {
      for (let x = left; x < left + width; x++, to += 4) {
        const place = INKS * (right ? x * this.height + y : y * this.width + x);
        const p = Math.max(0, depths[place]!);
        const n = Math.max(0, depths[place + 1]!);
        const z = Math.max(0, depths[place + 2]!);
        const all = p + n + z;
        if (all < 1e-6) continue;
        for (let part = 0; part < 3; part++) {
          const [a, b, c] = inks[part]!;
          pixels[to + part] = (a * p + b * n + c * z) / all;
        }
        pixels[to + 3] = 255 * (1 - Math.exp(-all));
      }
    }
    return pixels;
  }
}
