import { samePart, type Part } from "../studio/selection";
import type { Studio } from "../studio/studio.svelte";

/** The handlers by which hovering an element points at a part. The innermost element under the pointer counts. */
export function pointing(studio: Studio, part: Part) {
  return {
    onpointerover: (event: Event) => {
      event.stopPropagation();
      studio.pointed = part;
    },
    onpointerleave: () => (studio.pointed = null),
  };
}

/** Whether a part is pointed at, or computed in the step of playback that is on screen. */
export function isLit(studio: Studio, part: Part): boolean {
  return samePart(studio.pointed, part) || (studio.playback.now !== null && samePart(studio.playback.now, part));
}
