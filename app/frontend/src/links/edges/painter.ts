/**
 * Who draws links of many edges: a graphics card where there is one, or else a worker, or where there is none the page itself, a few
 * milliseconds at a time. Pictures are kept: what is drawn anew is what changed. One painter serves the whole page.
 */
import { inkOf, type Bundle } from "./bundle";
import { Desk } from "./desk";
import { paletteOf } from "./palette";
import type { Frame, Palette } from "./raster";
import { EdgeCard } from "./webgl";
import type { Order, Picture } from "./work";

const PAGE_SLICE_MS = 8;

interface Link {
  readonly canvas: HTMLCanvasElement;
  readonly painted: (done: number) => void;
  bundle: Bundle | null;
  frame: Frame | null;
  palette: Palette | null;
}

export type Means = "card" | "slow-card" | "worker" | "page";

export class Painter {
  readonly #links = new Map<number, Link>();
  #next = 0;
  #card: EdgeCard | null = null;
  #send: (order: Order, transfer?: Transferable[]) => void = () => undefined;
  /** What draws. */
  means: Means;

  constructor(means: Means = "card") {
    this.means = means;
    if (means === "card" || means === "slow-card") {
      try {
        this.#card = new EdgeCard(this.#copy, this.#lost, means === "slow-card");
        return;
      } catch {
        this.means = "worker";
      }
    }
    this.#withoutCard();
  }

  /** A canvas that is to show a link's edges; `painted` is told how much of them it does, 0 to 1. */
  join(canvas: HTMLCanvasElement, painted: (done: number) => void = () => undefined): number {
    this.#links.set(++this.#next, { canvas, painted, bundle: null, frame: null, palette: null });
    return this.#next;
  }

  leave(link: number): void {
    this.#links.delete(link);
    this.#card?.forget(link);
    this.#send({ op: "forget", link });
  }

  /** Draws all of a link's edges anew. Until they are there the canvas shows what it did. */
  paint(link: number, bundle: Bundle, frame: Frame): void {
    const own = this.#links.get(link);
    if (!own) return;
    own.bundle = { ...bundle, weights: bundle.weights.slice() };
    own.frame = frame;
    own.palette = paletteOf(own.canvas);
    this.#draw(link, own);
  }

  /** Draws one edge anew. */
  change(link: number, from: number, to: number, weight: number): void {
    const own = this.#links.get(link);
    if (!own?.bundle) return;
    own.bundle.weights[from * own.bundle.targets.length + to] = weight;
    this.#card?.change(link, from, to, weight);
    this.#send({ op: "change", link, from, to, weight });
  }

  /** The page's colours are others. */
  recolour(): void {
    for (const [link, own] of this.#links) {
      if (!own.bundle) continue;
      own.palette = paletteOf(own.canvas);
      this.#card?.colour(link, own.palette);
      this.#send({ op: "colour", link, palette: own.palette });
    }
  }

  /** As a graphics card that stops does. */
  lose(): void {
    this.#card?.close();
  }

  #draw(link: number, { bundle, frame, palette }: Link): void {
    if (!bundle || !frame || !palette) return;
    const ink = inkOf(bundle);
    if (this.#card) this.#card.paint(link, { ...bundle, weights: bundle.weights.slice() }, ink, frame, palette);
    else this.#send({ op: "paint", link, bundle, ink, frame, palette });
  }

  readonly #lost = (): void => {
    if (!this.#card) return;
    this.#card.close();
    this.#card = null;
    this.means = "worker";
    this.#withoutCard();
    for (const [link, own] of this.#links) this.#draw(link, own);
  };

  #withoutCard(): void {
    if (this.means === "worker") {
      try {
        const worker = new Worker(new URL("./desk.worker.ts", import.meta.url), { type: "module" });
        worker.onmessage = ({ data }: MessageEvent<Picture>) => this.#shown(data);
        worker.onerror = () => {
          worker.terminate();
          this.#onPage();
          for (const [link, own] of this.#links) this.#draw(link, own);
        };
        this.#send = (order) => worker.postMessage(order);
        return;
      } catch {
        // Below.
      }
    }
    this.#onPage();
  }

  #onPage(): void {
    this.means = "page";
    const desk = new Desk((picture) => this.#shown(picture), () => new Promise((done) => setTimeout(done)), PAGE_SLICE_MS);
    this.#send = (order) => desk.take(order.op === "paint" ? { ...order, bundle: { ...order.bundle, weights: order.bundle.weights.slice() } } : order);
  }

  readonly #copy = (link: number, source: HTMLCanvasElement, width: number, height: number): void => {
    const own = this.#links.get(link);
    if (!own) return;
    sized(own.canvas, width, height)?.drawImage(source, 0, 0);
    own.painted(1);
  };

  #shown({ link, done, width, height, area, pixels }: Picture): void {
    const own = this.#links.get(link);
    if (!own) return;
    // Each pixel takes another's place, so that nothing has to be cleared.
    if (own.canvas.width !== width || own.canvas.height !== height) Object.assign(own.canvas, { width, height });
    own.canvas.getContext("2d")?.putImageData(new ImageData(pixels, area.width, area.height), area.x, area.y);
    own.painted(done);
  }
}

/** The canvas, empty and of this size. */
function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D | null {
  const context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  else context?.clearRect(0, 0, width, height);
  return context;
}
