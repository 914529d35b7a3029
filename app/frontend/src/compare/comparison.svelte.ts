import { untrack } from "svelte";

import { OF_NETWORK } from "../later/parts";
import type { Pass } from "../live/frames";
import type { Watch } from "../live/protocol";
import { current } from "../model/history";
import { layerIndex } from "../model/numbering";
import { computeAlike, sizesOf } from "../model/sizes";
import type { StudioState } from "../model/types";
import type { Network } from "../studio/network.svelte";
import type { Notices } from "../studio/notices.svelte";
import { reasonOf } from "../studio/reach";
import type { Steps } from "../studio/steps.svelte";
import type { Values } from "../studio/values.svelte";
import type { Wire } from "../studio/wire.svelte";
import type { Translate } from "../text/messages";
import { neuronOf, type Part } from "../studio/selection";
import { counterpart } from "./counterpart";

interface Given {
  language: string;
  t: Translate;
  network: Network;
  values: Values;
  wire: Wire;
  steps: Steps;
  notices: Notices;
}

export interface Pinned {
  state: StudioState;
  /** The server's pass over that state. */
  pass: Pass;
}

const keyOf = ({ layer, neuron }: { layer: number; neuron: number }): string => `${layer}.${neuron}`;

/** A state that was pinned, and the network that the learner works on, beside each other. */
export class Comparison {
  pinned = $state.raw<Pinned | null>(null);
  /** The pinned state is on screen instead of the learner's. */
  flipped = $state(false);
  /** The terms of pinned neurons' sums, by layer and neuron; empty while they are on their way. */
  #terms = $state.raw<ReadonlyMap<string, Float32Array>>(new Map());
  /** The passes over states that were pinned, so that undoing needs no server. */
  readonly #passes = new WeakMap<StudioState, Pass>();

  constructor(private readonly given: Given) {
    given.wire.watch(() => this.#watches());
  }

  /** Pins what is on screen: a step that can be undone. */
  async pin(): Promise<void> {
    const { given } = this;
    const state = given.network.latest;
    if (await this.#compute(state)) given.steps.commit(given.network.latest, { key: "studio.did-pin", values: {} }, { change: null, pinned: state });
  }

  unpin(): void {
    if (!this.pinned) return;
    this.unflip();
    this.given.steps.commit(this.given.network.latest, { key: "studio.did-unpin", values: {} }, { change: null, pinned: null });
  }

  /** Has pinned what the current step of the history says. */
  follow(): void {
    const state = current(this.given.network.history).pinned ?? null;
    if (state === (this.pinned?.state ?? null)) return;
    const pass = state && this.#passes.get(state);
    if (state && !pass) {
      void this.#compute(state).then((known) => known && this.follow());
      return;
    }
    this.flipped = false;
    this.#terms = new Map();
    this.pinned = state && pass ? { state, pass } : null;
  }

  /** Has the server compute a state. */
  async #compute(state: StudioState): Promise<boolean> {
    const { given } = this;
    try {
      const { passOf } = OF_NETWORK.loaded ?? (await OF_NETWORK.load());
      this.#passes.set(state, await passOf(state, given.language));
      return true;
    } catch (error) {
      given.notices.problem = given.t("studio.pin-failed", { reason: reasonOf(error, given.t) });
      return false;
    }
  }

  /** Shows the other of the two, and back; a look, not a step. */
  flip(): void {
    if (!this.pinned) return;
    this.flipped = !this.flipped;
    this.given.steps.display(this.flipped ? this.pinned.state : current(this.given.network.history).state);
  }

  unflip(): void {
    if (this.flipped) this.flip();
  }

  /** The pinned state becomes the one to work on, and the other way round: a step that can be undone. */
  async swap(): Promise<void> {
    const { pinned, given } = this;
    if (!pinned) return;
    this.unflip();
    const mine = given.network.latest;
    if (computeAlike(mine, pinned.state) || JSON.stringify(mine) === JSON.stringify(pinned.state)) {
      given.notices.say("studio.swap-same");
      return;
    }
    if (!(await this.#compute(mine)) || this.pinned?.state !== pinned.state) return;
    given.steps.commit(pinned.state, { key: "studio.did-swap", values: {} }, { pinned: mine });
  }

  /** Who changes what he looks at works on it from then on. Called before a step is taken; true where that was a swap. */
  settle(): boolean {
    if (!this.flipped) return false;
    this.flipped = false;
    return true;
  }

  /**
   * A neuron's activation less the pinned one, as the server tells it. Undefined where nothing is pinned, nothing is known yet, or the
   * pinned network has no such neuron, or none with a finite value.
   */
  change(layer: number, neuron: number): number | undefined {
    if (this.flipped || this.#then(layer, neuron) === undefined) return undefined;
    return this.given.values.pass?.arrays.get(`differences.${layer}`)?.[neuron];
  }

  /** An input, a weight or a bias as it is pinned; undefined where nothing is, where that is what is on screen, or where it has no such part. */
  was(part: Part): number | undefined {
    if (this.flipped || !this.pinned) return undefined;
    const { layer, neuron } = neuronOf(part);
    const other = this.#counterpart(layer, neuron);
    if (!other) return undefined;
    const { inputs, layers } = this.pinned.state;
    if (other.layer === 0) return inputs[other.neuron];
    const { weights, biases } = layers[layerIndex(other.layer)]!;
    if (part.kind !== "edge") return biases[other.neuron];
    const source = this.#counterpart(layer - 1, part.from);
    return source?.layer === other.layer - 1 ? weights[source.neuron]?.[other.neuron] : undefined;
  }

  /** A neuron's pinned z and a; undefined as in `was`, and where one of them is not finite. */
  wasAt(layer: number, neuron: number): { z: number; a: number } | undefined {
    const z = this.flipped ? undefined : this.#then(layer, neuron, "pre_activations");
    const a = this.#then(layer, neuron);
    return z === undefined || a === undefined ? undefined : { z, a };
  }

  /** A term of a neuron's sum as the server multiplies it in the pinned state; undefined as in `was`, and until `askTerms` has it. */
  wasTerm(layer: number, from: number, to: number): number | undefined {
    const [source, target] = [this.#counterpart(layer - 1, from), this.#counterpart(layer, to)];
    if (this.flipped || source?.layer !== (target?.layer ?? 0) - 1) return undefined;
    const term = this.#terms.get(keyOf(target!))?.[source!.neuron];
    return Number.isFinite(term) ? term : undefined;
  }

  /** Has the server tell the terms of the pinned neuron that this one is compared with: of its sum alone, over the pinned pass's values. */
  async askTerms(layer: number, neuron: number): Promise<void> {
    const [target, pinned] = [this.#counterpart(layer, neuron), this.pinned];
    if (!target || !pinned || untrack(() => this.#terms).has(keyOf(target))) return;
    const others = (): Map<string, Float32Array> => new Map(untrack(() => this.#terms));
    const know = (terms: Float32Array) => (this.#terms = others().set(keyOf(target), terms));
    know(new Float32Array());
    try {
      const { termsOf } = OF_NETWORK.loaded ?? (await OF_NETWORK.load());
      const terms = await termsOf(pinned, target, this.given.language);
      if (this.pinned === pinned) know(terms);
    } catch {
      // Without them the sum's own mark says what changed; they are asked for again when this neuron is chosen again.
      const left = others();
      left.delete(keyOf(target));
      this.#terms = left;
    }
  }

  #counterpart(layer: number, neuron: number): { layer: number; neuron: number } | null {
    return this.pinned && counterpart(layer, neuron, this.given.network.sizes, sizesOf(this.pinned.state));
  }

  /** The pinned value that a neuron is compared with. */
  #then(layer: number, neuron: number, kind = "activations"): number | undefined {
    const other = this.#counterpart(layer, neuron);
    if (!other) return undefined;
    const key = other.layer === 0 ? "inputs" : `layers.${layerIndex(other.layer)}.${kind}`;
    const value = this.pinned?.pass.arrays.get(key)?.[other.neuron];
    return Number.isFinite(value) ? value : undefined;
  }

  /** Has the server take the pinned values from those of every pass; what has no counterpart is compared with 0, and not shown. */
  #watches(): Watch[] {
    if (!this.pinned) return [];
    const values = this.given.network.sizes.map((size, layer) => Array.from({ length: size }, (_, neuron) => this.#then(layer, neuron) ?? 0));
    return [{ kind: "differences", values }];
  }
}
