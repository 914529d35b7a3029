import type { Block } from "../blocks";
import { flatOf, indexOf, sameCell } from "../cells";
import type { Standing } from "../place";
import type { Cell, LayerOutline } from "../types";
import { countOf, placeOf, stopsOf, strideOf, type Grain, type Stop } from "./stops";

/** How long a step stays at normal speed; of many numbers each is shorter. */
const STEP_MS: Record<Grain, number> = { layer: 1800, cell: 1200, term: 800 };
const MANY_MS = 350;
const MANY = 16;
/** So long a sum that is to grow waits for the server to tell of it. */
const WAIT_MS = 3000;
/** Of so many numbers of a block the sum grows term by term; of the others it is there at once. */
const TERM_BY_TERM = 3;

interface Given {
  readonly blocks: readonly Block[];
  readonly selected: Cell | null;
  select(cell: Cell): void;
  point(cells: readonly Cell[]): void;
  /** The sum of the selected number, as the server told it: how many rows it has, null where it has not told yet, and what stands in each. */
  readonly forms: { readonly rows: number | null; pointedOf(row: number): readonly Cell[] };
}

/** The pass in slow motion: which step of it is on screen. What later steps compute is not known, anywhere on the page. */
export class Playback {
  /** The number that was computed last; null: the whole pass is there. */
  at = $state<number | null>(null);
  /** How many terms its sum has so far; null: it is whole. */
  row = $state<number | null>(null);
  playing = $state(false);
  speed = $state(1);
  #grain = $state<Grain>("layer");
  #timer: number | undefined;
  /** Since when the number that is summed is on screen. */
  #since = 0;

  constructor(private readonly given: Given) {}

  readonly stops: readonly Stop[] = $derived.by(() => stopsOf(this.given.blocks, this.#grain));
  readonly count = $derived.by(() => countOf(this.stops));
  readonly #place = $derived.by(() => (this.at === null ? null : placeOf(this.stops, Math.min(this.at, this.count - 1))));
  /** The block that is computed now. */
  readonly now = $derived.by(() => (this.#place === null ? null : this.stops[this.#place.stop]!.block));
  /** The one number that is computed now, where it is one. */
  readonly cell = $derived.by((): Cell | null => {
    const place = this.#place;
    const stop = place && this.stops[place.stop]!;
    if (!stop || stop.cells === 1 || stop.block.sort === "card") return null;
    const { tensor } = stop.block;
    return { tensor: tensor.name, at: indexOf(place.cell, tensor.shape) };
  });
  /** Which block gives each tensor, by its place among the stops. */
  readonly #givers = $derived.by(() => {
    const found = new Map<string, number>();
    const add = (layer: LayerOutline, k: number): void => {
      for (const tensor of [layer.activations, layer.preActivations]) if (tensor) found.set(tensor.name, k);
    };
    for (const [k, { block }] of this.stops.entries()) {
      if (block.sort === "card") block.layers.forEach((layer) => add(layer, k));
      else if (block.layer) add(block.layer, k);
    }
    return found;
  });

  get grain(): Grain {
    return this.#grain;
  }

  /** Goes on from the same moment in other steps. */
  set grain(grain: Grain) {
    const place = this.#place;
    const [whole, cell] = [place && this.stops[place.stop]!.cells === 1, place?.cell ?? 0];
    this.#grain = grain;
    if (place === null) return;
    const { start, cells } = this.stops[place.stop]!;
    this.goTo(start + (whole ? cells - 1 : Math.min(cell, cells - 1)));
  }

  /** Milliseconds that a step stays. */
  get stepMilliseconds(): number {
    const many = this.#place !== null && this.row === null && this.stops[this.#place.stop]!.cells > MANY;
    return (many ? MANY_MS : STEP_MS[this.#grain]) / this.speed;
  }

  // ---- what is known ----

  /** How many of a tensor's numbers are known, in their order; Infinity for all. */
  #known(tensor: string): number {
    const place = this.#place;
    if (place === null) return Infinity;
    const giver = this.#givers.get(tensor);
    if (giver === undefined || giver < place.stop) return Infinity;
    if (giver > place.stop) return 0;
    if (this.stops[giver]!.cells === 1) return Infinity;
    return place.cell + (this.row === null ? 1 : 0);
  }

  /** A tensor's numbers as far as they are known. */
  cut(tensor: string, values: Float32Array | undefined): Float32Array | undefined {
    if (this.at === null || !values) return values;
    const known = this.#known(tensor);
    return known === Infinity ? values : values.subarray(0, known);
  }

  /** The numbers that a body shows, as far as they are known: a summary's only with all of what it sums up. */
  cutShown({ tensor, plan }: Standing, values: Float32Array | undefined): Float32Array | undefined {
    if (this.at === null || !values) return values;
    const known = this.#known(tensor.name);
    if (known === Infinity) return values;
    if (plan.by !== null) return undefined;
    const from = plan.region?.map(([first]) => first);
    return values.subarray(0, Math.max(0, Math.min(values.length, known - (from ? flatOf(from, tensor.shape) : 0))));
  }

  /** How many rows of a number's sum are known: Infinity where it is whole, −1 where nothing is. */
  rowsOf({ tensor, at }: Cell, shape: readonly number[]): number {
    if (this.at === null) return Infinity;
    const flat = flatOf(at, shape);
    const known = this.#known(tensor);
    if (flat < known) return Infinity;
    return flat === known && this.row !== null ? this.row : -1;
  }

  // ---- going ----

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Plays on from here; from the whole pass, from its start or, by term, from the number that is selected. */
  play(): void {
    this.playing = true;
    if (this.at === null) this.#show(this.#first(), this.#grain === "term");
    this.#wait();
  }

  #first(): number {
    const { selected } = this.given;
    if (this.#grain !== "term" || !selected) return 0;
    const stop = this.stops[this.#givers.get(selected.tensor) ?? -1];
    if (!stop || stop.block.sort === "card") return 0;
    return stop.start + (stop.cells === 1 ? 0 : flatOf(selected.at, stop.block.tensor.shape));
  }

  pause(): void {
    this.playing = false;
    window.clearTimeout(this.#timer);
  }

  /** One step on (1) or back (−1): by term from row to row of a sum, else from number to number. */
  move(direction: 1 | -1): void {
    this.pause();
    if (this.at === null) this.#show(direction === 1 ? this.#first() : this.count - 1, this.#grain === "term" && direction === 1);
    else if (this.row !== null) this.#moveRow(direction);
    else this.#show(this.at + direction, this.#grain === "term" && direction === 1);
  }

  #moveRow(direction: 1 | -1): void {
    const next = this.row! + direction;
    if (next < 0) this.#show(this.at! - 1);
    else this.#growTo(next);
  }

  /** So many rows of the sum; past the last one it is whole, as it is once the server does not tell of it in time. */
  #growTo(row: number): void {
    const { rows } = this.given.forms;
    if (rows === null && performance.now() - this.#since < WAIT_MS) return;
    this.#showRow(row > (rows ?? 0) ? null : row);
  }

  /** Shows a step; at or past the end, the whole pass. */
  goTo(at: number): void {
    this.pause();
    this.#show(at);
  }

  /** Back to the whole pass. */
  end(): void {
    this.pause();
    this.#show(this.count);
  }

  #show(at: number, growing = false): void {
    this.at = at >= this.count ? null : Math.max(0, at);
    this.row = growing && this.cell !== null ? 0 : null;
    this.#since = performance.now();
    this.given.point([]);
    if (this.cell && !sameCell(this.cell, this.given.selected)) this.given.select(this.cell);
  }

  #showRow(row: number | null): void {
    this.row = row;
    this.given.point(row === null || row === 0 ? [] : this.given.forms.pointedOf(row - 1));
  }

  #wait(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#next();
      if (this.at === null) this.playing = false;
      else this.#wait();
    }, this.stepMilliseconds);
  }

  #next(): void {
    if (this.row !== null) {
      this.#growTo(this.row + 1);
      return;
    }
    const { stop, cell } = this.#place!;
    const own = this.stops[stop]!;
    const next = cell < own.cells - 1 ? own.start + cell + strideOf(own, cell) : own.start + own.cells;
    const after = next < this.count ? placeOf(this.stops, next) : null;
    this.#show(next, this.#grain === "term" && after !== null && (after.cell < TERM_BY_TERM || this.stops[after.stop]!.cells <= MANY));
  }
}
