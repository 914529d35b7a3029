import { sizesOf } from "../model/structure";
import type { Message, StudioState } from "../model/types";
import type { StudioData } from "../studio/data";
import type { Part } from "../studio/selection";
import { Studio, type Step } from "../studio/studio.svelte";
import type { Locked } from "./assignment";

/** A studio in which a teacher's link holds some things where they are, whichever control asks. */
export class LockedStudio extends Studio {
  readonly #lock: readonly Locked[];
  #opening = false;

  constructor(data: StudioData, lock: readonly Locked[]) {
    super(data, null);
    this.#lock = lock;
  }

  /** Another network in this one's place, as a lesson's seed or slider asks for it. */
  show(state: StudioState): void {
    this.#opening = true;
    this.replace(state, { key: "studio.did-open", values: { name: { preset: state.preset ?? "" } } });
    this.#opening = false;
  }

  /** Back to the numbers that the text speaks of. */
  restart(selection: Part): void {
    this.jump(0);
    this.select(selection);
  }

  override commit(state: StudioState, label: Message, step: Step = {}): void {
    if (this.#opening || !this.#lock.some((locked) => changed(locked, this.state, state))) super.commit(state, label, step);
  }
}

/** Whether a step changes what is locked. Another shape changes weights too, so where they are locked it stays. */
function changed(locked: Locked, before: StudioState, after: StudioState): boolean {
  const differ = (part: (state: StudioState) => unknown): boolean => JSON.stringify(part(before)) !== JSON.stringify(part(after));
  if (locked === "inputs") return differ(({ inputs }) => inputs);
  if (locked === "weights") return differ(({ layers }) => layers.map(({ weights, biases }) => [weights, biases]));
  return differ((state) => [sizesOf(state), state.layers.map(({ activation }) => activation)]);
}
