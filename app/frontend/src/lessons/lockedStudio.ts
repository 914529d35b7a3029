import type { Message, StudioState } from "../model/types";
import type { StudioData } from "../studio/data";
import type { Part } from "../studio/selection";
import { Studio } from "../studio/studio.svelte";
import type { Locked } from "./assignment";
import { breaks } from "./locks";

/** A studio in which a teacher's link holds some things where they are, whichever control or key asks. */
export class LockedStudio extends Studio {
  constructor(data: StudioData, lock: readonly Locked[]) {
    super(data, null, {
      uninviting: true,
      inputs: lock.includes("inputs"),
      allows: (before, after) => !breaks(lock, before, after),
    });
  }

  /** Another network in this one's place, as a lesson's seed or slider asks for it. */
  show(state: StudioState): void {
    const label: Message = { key: "studio.did-open", values: { name: { preset: state.preset ?? "" } } };
    this.steps.replace(state, label);
  }

  /** Back to the numbers that the text speaks of. */
  restart(selection: Part): void {
    this.steps.jump(0);
    this.selected.select(selection);
  }
}
