import type { Message, StudioState } from "../model/types";
import type { StudioData } from "../studio/data";
import type { Part } from "../studio/selection";
import { Studio, type Step } from "../studio/studio.svelte";
import type { Locked } from "./assignment";
import { breaks } from "./locks";

/** A studio in which a teacher's link holds some things where they are, whichever control or key asks. */
export class LockedStudio extends Studio {
  readonly #lock: readonly Locked[];

  constructor(data: StudioData, lock: readonly Locked[]) {
    super(data, null);
    this.#lock = lock;
  }

  /** Another network in this one's place, as a lesson's seed or slider asks for it. */
  show(state: StudioState): void {
    this.replace(state, { key: "studio.did-open", values: { name: { preset: state.preset ?? "" } } });
  }

  /** Back to the numbers that the text speaks of. */
  restart(selection: Part): void {
    this.jump(0);
    this.select(selection);
  }

  /** In a lesson the text says what to move. */
  override get inviting(): boolean {
    return false;
  }

  override get inputsHeld(): boolean {
    return this.#lock.includes("inputs");
  }

  /** Every change comes through here. */
  override commit(state: StudioState, label: Message, step?: Step): void {
    if (!breaks(this.#lock, this.latest, state)) super.commit(state, label, step);
  }
}
