import type { Pass } from "../live/frames";
import { layerIndex } from "../model/numbering";

interface Given {
  network: { readonly sizes: readonly number[] };
  playback: { shown(pass: Pass | null): Pass | null };
}

/** The numbers that the server computed for the network on screen. */
export class Values {
  /** The newest pass, all of it. */
  newest = $state.raw<Pass | null>(null);
  /** What the server computes after a pass: of the newest pass, or for a moment still of the one before. */
  newestAhead = $state.raw<Pass | null>(null);

  constructor(
    private readonly given: Given,
    newest: Pass | null,
  ) {
    this.newest = newest;
  }

  /** The newest pass as far as it is shown: during playback, what is known by then. */
  readonly pass = $derived.by(() => this.given.playback.shown(this.newest));
  /** The same of what comes after. */
  readonly ahead = $derived.by(() => this.given.playback.shown(this.newestAhead));

  /** By layer, inputs first; undefined until they are known. */
  readonly activations = $derived.by(() => this.#arrays("inputs", "activations"));
  readonly preActivations = $derived.by(() => this.#arrays(null, "pre_activations"));

  /** The first output, whatever playback shows of it. */
  get output(): number | null {
    const last = this.given.network.sizes.length - 2;
    return this.newest?.arrays.get(`layers.${last}.activations`)?.[0] ?? null;
  }

  /** Of a neuron, its layer counted from 1: the terms x·w of its sum, what the sum has come to with each of them and the bias, or its function's curve. */
  explained(layer: number, neuron: number, what: "contributions" | "running" | "curve", pass = this.pass): Float32Array | undefined {
    return pass?.arrays.get(`explain.${layerIndex(layer)}.${neuron}.${what}`);
  }

  /** The network has another shape: what is known is of no use to it. */
  forget(): void {
    this.newest = this.newestAhead = null;
  }

  #arrays(inputs: string | null, kind: string): (Float32Array | undefined)[] {
    const arrays = this.pass?.arrays;
    const first = inputs === null ? undefined : arrays?.get(inputs);
    return [first, ...this.given.network.sizes.slice(1).map((_, k) => arrays?.get(`layers.${k}.${kind}`))];
  }
}
