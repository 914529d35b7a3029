import type { StudioState } from "../model/types";
import type { StudioData } from "../studio/data";
import type { Part } from "../studio/selection";
import { Studio } from "../studio/studio.svelte";
import type { Locked } from "./assignment";

/** A studio in which a teacher's link holds some numbers where they are, whichever control asks. */
export class LockedStudio extends Studio {
  readonly #lock: readonly Locked[];

  constructor(data: StudioData, lock: readonly Locked[]) {
    super(data, null);
    this.#lock = lock;
  }

  /** Another network in this one's place, as a lesson's seed or slider asks for it. */
  show(state: StudioState): void {
    this.replace(state, { key: "studio.did-open", values: { name: state.preset ?? "" } });
  }

  /** Back to the numbers that the text speaks of. */
  restart(selection: Part): void {
    this.jump(0);
    this.select(selection);
  }

  override setInput(index: number, value: number): void {
    if (!this.#lock.includes("inputs")) super.setInput(index, value);
  }

  override setWeight(layer: number, from: number, to: number, value: number): void {
    if (!this.#lock.includes("weights")) super.setWeight(layer, from, to, value);
  }

  override setBias(layer: number, neuron: number, value: number): void {
    if (!this.#lock.includes("weights")) super.setBias(layer, neuron, value);
  }

  override setActivation(layer: number, activation: string): void {
    if (!this.#lock.includes("layers")) super.setActivation(layer, activation);
  }
}
