import { createContext, onDestroy, onMount } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import type { Watch } from "../live/protocol";
import { layerIndex } from "../model/numbering";
import type { Network } from "../studio/network.svelte";
import { exists } from "../studio/selection";
import type { Values } from "../studio/values.svelte";
import type { Wire } from "../studio/wire.svelte";
import { readPalette, type Palette } from "./palette";
import { planeSteps, responseWatches, trackName, trackWatches, type Span, type Track } from "./plan";

interface Given {
  network: Network;
  values: Values;
  wire: Wire;
}

/** What a slider's positions give: its values, and all outputs at each of them. */
interface Swept {
  values: Float32Array;
  outputs: Float32Array;
}

const MOST_HELD = 500;
const REST_MS = 200;

export const [getForesight, setForesight] = createContext<Foresight>();

/** Foresight for the components below, for as long as this one is there. `responses`: whether neurons show theirs. */
export function provideForesight(given: Given, responses = true): void {
  const foresight = new Foresight(given, responses);
  setForesight(foresight);
  onMount(() => foresight.start());
  // Planes are of networks with two inputs, so that no input changes them.
  $effect(() => {
    void given.network.layers;
    foresight.moved();
  });
}

/** What the server computes ahead of every move: what each slider in sight would give, and every neuron's response. */
export class Foresight {
  /** The scale's colours as the theme has them; null before the page is there. */
  palette = $state.raw<Palette | null>(null);

  private readonly given: Given;
  private readonly responses: boolean;
  #tracks = new SvelteMap<string, Track>();
  #span: Span = { name: "p0", ranges: [] };
  #spans = 0;
  #resting = $state(false);
  #restTimer: number | undefined;
  /** The arrays that were last handed out: the same object as long as no number of it changes. */
  #held = new Map<string, Float32Array>();
  #sweeps = new Map<string, Swept>();

  constructor(given: Given, responses: boolean) {
    this.given = given;
    this.responses = responses;
    onDestroy(given.wire.watch(() => this.#plan()));
  }

  /** Follows the theme, and paper, which is always light. Returns what ends it. */
  start(): () => void {
    const read = () => (this.palette = readPalette(document.body));
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const observer = new MutationObserver(read);
    // After the page stands: nothing can be painted before the server's first answer.
    const first = window.setTimeout(read, 0);
    dark.addEventListener("change", read);
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "class"] });
    return () => {
      window.clearTimeout(first);
      window.clearTimeout(this.#restTimer);
      dark.removeEventListener("change", read);
      observer.disconnect();
    };
  }

  /** A weight or bias changed: planes are sampled finely once the hand rests, and coarsely again as soon as it moves. */
  moved(): void {
    window.clearTimeout(this.#restTimer);
    this.#resting = false;
    this.#restTimer = window.setTimeout(() => (this.#resting = true), REST_MS);
  }

  /** A slider came into sight. Returns what says that it left. */
  show(track: Track): () => void {
    const name = trackName(track.part);
    this.#tracks.set(name, track);
    return () => {
      if (this.#tracks.get(name) === track) this.#tracks.delete(name);
    };
  }

  /** The sweep of a slider as the newest pass has it, the same object while no number of it changes; undefined until it is known. */
  sweep(name: string): Swept | undefined {
    const values = this.#steady(`sweep.${name}.values`);
    const outputs = this.#steady(`sweep.${name}.outputs`);
    if (!values || !outputs) return undefined;
    const held = this.#sweeps.get(name);
    if (held?.values === values && held.outputs === outputs) return held;
    if (this.#sweeps.size > MOST_HELD) this.#sweeps.clear();
    const swept = { values, outputs };
    this.#sweeps.set(name, swept);
    return swept;
  }

  /** What the responses span now: the ranges of one or two inputs. */
  readonly ranges = $derived.by((): readonly (readonly [number, number])[] => {
    const { ranges } = this.given.network;
    return this.responses && ranges.length <= 2 ? ranges : [];
  });

  /** Where an input stands in what the responses span: 0 at its low end, 1 at its high one. */
  placeOf(input: number): number {
    const [low, high] = this.ranges[input] ?? [0, 1];
    return ((this.given.network.inputs[input] ?? 0) - low) / (high - low);
  }

  /** Samples along each side of a plane while numbers move; 0 where there is none. */
  readonly #planned = $derived.by(() => (this.ranges.length === 2 ? planeSteps(this.given.network.sizes) : 0));

  /** Samples along each side of the planes that are known now. */
  readonly steps = $derived.by(() => {
    const known = this.#planned > 0 ? this.#array(`grid.${this.#spanNow().name}.layers.0.activations`) : undefined;
    const steps = Math.sqrt((known?.length ?? 0) / this.given.network.sizes[1]!);
    return known && Number.isInteger(steps) ? steps : this.#planned;
  });

  /** Whether neurons show their responses: one or two inputs, and a network that is not too large. */
  readonly responding = $derived.by(() => this.ranges.length === 1 || this.#planned > 0);

  /** A neuron's response over the plane, (steps, steps), rows going with the second input; undefined until it is known. */
  plane(layer: number, neuron: number): Float32Array | undefined {
    const size = this.steps * this.steps;
    const name = `grid.${this.#spanNow().name}.layers.${layerIndex(layer)}.activations`;
    const all = this.#array(name);
    if (size === 0 || all?.length !== size * this.given.network.sizes[layer]!) return undefined;
    return this.#steady(`${name}.${neuron}`, all.subarray(size * neuron, size * (neuron + 1)));
  }

  /** A neuron's response along the only input: the input's values and the neuron's. */
  line(layer: number, neuron: number): { xs: Float32Array; ys: Float32Array } | undefined {
    const name = `sweep.${this.#spanNow().name}`;
    const xs = this.#steady(`${name}.values`);
    const all = this.#array(`${name}.layers.${layerIndex(layer)}.activations`);
    const size = this.given.network.sizes[layer]!;
    if (!xs || all?.length !== xs.length * size) return undefined;
    const ys = Float32Array.from(xs, (_, i) => all[i * size + neuron]!);
    return { xs, ys: this.#steady(`${name}.${layer}.${neuron}`, ys)! };
  }

  /** Another name for other ranges, so that an answer to the old ones is not taken for one to the new. */
  #spanNow(): Span {
    if (String(this.#span.ranges) !== String(this.ranges)) this.#span = { name: `p${++this.#spans}`, ranges: this.ranges };
    return this.#span;
  }

  #plan(): Watch[] {
    const { sizes } = this.given.network;
    const tracks = [...this.#tracks.values()].filter(({ part }) => exists(part, sizes));
    const watches = [...trackWatches(tracks, sizes), ...responseWatches(this.#spanNow(), sizes, this.#resting)];
    return watches.map((watch) => ({ ...watch, later: true }));
  }

  #array(name: string): Float32Array | undefined {
    return this.given.values.ahead?.arrays.get(name);
  }

  #steady(name: string, now = this.#array(name)): Float32Array | undefined {
    const held = this.#held.get(name);
    if (!now || (held && same(held, now))) return now && held;
    if (this.#held.size > MOST_HELD) this.#held.clear();
    this.#held.set(name, now);
    return now;
  }
}

function same(a: Float32Array, b: Float32Array): boolean {
  if (a.length !== b.length) return false;
  if (a.buffer === b.buffer && a.byteOffset === b.byteOffset) return true;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}
