/** Draws links' pictures one after another, in slices: a newer order for a link ends the older one's drawing. */
import { Raster, type Area, type Palette } from "./raster";
import type { Order, Picture } from "./work";

/** A picture that takes longer is shown as far as it is drawn. */
const SHOWN_AFTER_MS = 400;

interface Job {
  raster: Raster;
  palette: Palette;
  /** What is still to be drawn; null once all is. */
  drawing: Iterator<number, void> | null;
  shownAt: number;
}

export class Desk {
  readonly #jobs = new Map<number, Job>();
  readonly #show: (picture: Picture) => void;
  readonly #rest: () => Promise<void>;
  readonly #slice: number;
  #busy = false;

  /** `rest` lets others have their turn, after every `slice` milliseconds. */
  constructor(show: (picture: Picture) => void, rest: () => Promise<void>, slice: number) {
    this.#show = show;
    this.#rest = rest;
    this.#slice = slice;
  }

  take(order: Order): void {
    if (order.op === "forget") {
      this.#jobs.delete(order.link);
      return;
    }
    if (order.op === "paint") {
      const raster = new Raster(order.bundle, order.ink, order.frame);
      this.#jobs.set(order.link, { raster, palette: order.palette, drawing: raster.drawn(), shownAt: performance.now() });
      if (!this.#busy) void this.#work();
      return;
    }
    const job = this.#jobs.get(order.link);
    if (!job) return;
    if (order.op === "colour") job.palette = order.palette;
    const area = order.op === "change" ? job.raster.change(order.from, order.to, order.weight) : job.raster.whole;
    if (!job.drawing && area.width > 0 && area.height > 0) this.#shown(order.link, job, 1, area);
  }

  async #work(): Promise<void> {
    this.#busy = true;
    let began = performance.now();
    for (;;) {
      const next = [...this.#jobs].find(([, job]) => job.drawing);
      if (!next) break;
      const [link, job] = next;
      const { done, value } = job.drawing!.next();
      const now = performance.now();
      if (done) job.drawing = null;
      if (done || now - job.shownAt > SHOWN_AFTER_MS) this.#shown(link, job, done ? 1 : (value ?? 1));
      if (now - began < this.#slice) continue;
      await this.#rest();
      began = performance.now();
    }
    this.#busy = false;
  }

  #shown(link: number, job: Job, done: number, area: Area = job.raster.whole): void {
    const { raster, palette } = job;
    this.#show({ link, done, width: raster.width, height: raster.height, area, pixels: raster.pixels(palette, area) });
    job.shownAt = performance.now();
  }
}
