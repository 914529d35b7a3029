import type { Pass } from "../live/frames";
import { neuronOf, type Part } from "../studio/selection";
import { masked } from "./masked";
import { knownAfter, sameMoment, stepAt, stepCount, type Grain, type Known } from "./steps";

/** How long a step stays at normal speed. */
const STEP_MS: Record<Grain, number> = { layer: 1800, neuron: 1200, term: 800 };

/** The pass in slow motion: which step of it is on screen. What later steps compute is not known, anywhere on the page. */
export class Playback {
  /** The step that was computed last; null: the whole pass is there. */
  at = $state<number | null>(null);
  playing = $state(false);
  speed = $state(1);
  #grain = $state<Grain>("neuron");
  #timer: number | undefined;

  /** The most that is shown, whatever the step, where a learner has to predict the rest first. */
  limit = $state.raw<Known | null>(null);

  constructor(
    private readonly network: { readonly sizes: readonly number[] },
    private readonly selected: { readonly part: Part | null; select(part: Part): void },
  ) {}

  readonly count = $derived.by(() => stepCount(this.network.sizes, this.#grain));
  readonly step = $derived.by(() => (this.at === null ? null : stepAt(this.network.sizes, this.#grain, this.at)));
  readonly known = $derived.by(() => (this.step === null ? this.limit : knownAfter(this.network.sizes, this.step)));

  /** The one quantity that is computed now, where it is one. */
  readonly now = $derived.by((): Part | null => {
    const step = this.step;
    if (step === null || step.kind === "inputs" || step.kind === "layer") return null;
    const { layer, neuron } = step;
    if (step.kind === "term") return { kind: "edge", layer, from: step.from, to: neuron };
    return { kind: step.kind === "bias" ? "bias" : "neuron", layer, neuron };
  });

  get grain(): Grain {
    return this.#grain;
  }

  /** Goes on from the same moment in other steps. */
  set grain(grain: Grain) {
    const at = this.step === null ? null : sameMoment(this.network.sizes, grain, this.step);
    this.#grain = grain;
    if (at !== null) this.goTo(at);
  }

  /** Milliseconds that a step stays. */
  get stepMilliseconds(): number {
    return STEP_MS[this.#grain] / this.speed;
  }

  /** The pass as far as it is known. */
  shown(pass: Pass | null): Pass | null {
    return pass === null || this.known === null ? pass : masked(pass, this.known, this.network.sizes);
  }

  /** Whether a neuron is computed in this step. */
  computes(layer: number, neuron: number): boolean {
    const step = this.step;
    if (step === null) return false;
    if (step.kind === "inputs") return layer === 0;
    return step.layer === layer && (step.kind === "layer" || step.neuron === neuron);
  }

  /** Whether the edges into a layer wait: what they carry is not known, or not of all of them. */
  awaits(layer: number): boolean {
    return this.known !== null && layer >= this.known.layer;
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Plays on from here; from the start where the whole pass is on screen. */
  play(): void {
    this.playing = true;
    if (this.at === null) this.#show(0);
    this.#wait();
  }

  pause(): void {
    this.playing = false;
    window.clearTimeout(this.#timer);
  }

  /** One step on (1) or back (−1); from the whole pass, back to its last step or on to its first. */
  move(direction: 1 | -1): void {
    this.goTo(this.at === null && direction === 1 ? 0 : (this.at ?? this.count) + direction);
  }

  /** Shows a step; at or past the end, the whole pass. */
  goTo(at: number): void {
    this.pause();
    this.#show(at);
  }

  /** Back to the whole pass. */
  end(): void {
    this.pause();
    this.at = null;
  }

  #show(at: number): void {
    this.at = at >= this.count ? null : Math.max(0, at);
    this.#follow();
  }

  #wait(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => {
      this.#show((this.at ?? 0) + 1);
      if (this.at === null) this.playing = false;
      else this.#wait();
    }, this.stepMilliseconds);
  }

  /** The selection goes along, so that the sum beside the diagram is the one that grows. */
  #follow(): void {
    if (!this.now) return;
    const { layer, neuron } = neuronOf(this.now);
    const selected = this.selected.part;
    if (selected?.kind === "neuron" && selected.layer === layer && selected.neuron === neuron) return;
    this.selected.select({ kind: "neuron", layer, neuron });
  }
}
