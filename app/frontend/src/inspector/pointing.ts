import type { Playback } from "../playback/playback.svelte";
import type { Selected } from "../studio/selected.svelte";
import { samePart, type Part } from "../studio/selection";

interface Given {
  selected: Selected;
  playback: Playback;
}

/** The handlers by which hovering an element points at a part. The innermost element under the pointer counts. */
export function pointing(given: Given, part: Part) {
  return {
    onpointerover: (event: Event) => {
      event.stopPropagation();
      given.selected.pointed = part;
    },
    onpointerleave: () => (given.selected.pointed = null),
  };
}

/** Whether a part is pointed at, or computed in the step of playback that is on screen. */
export function isLit(given: Given, part: Part): boolean {
  return samePart(given.selected.pointed, part) || (given.playback.now !== null && samePart(given.playback.now, part));
}
