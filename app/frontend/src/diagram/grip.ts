import { changeInput } from "../edits/changeInput";
import type { Network } from "../studio/network.svelte";
import { snap, stepOf } from "../studio/ranges";
import type { Steps } from "../studio/steps.svelte";

interface Given {
  network: Network;
  steps: Steps;
  held: { inputs?: boolean };
}

/** Pixels that take an input through its whole range. */
const SPAN_PIXELS = 240;
/** A hand that moved less than this clicks. */
const LEAST_PIXELS = 4;

interface Drag {
  x: number;
  pointer: number;
  value: number;
  range: [number, number];
  moving: boolean;
}

/** Makes an input's square a handle for its value: to the right is more. A click stays a click. */
export function inputGrip(given: Given, index: number) {
  return (square: SVGElement): (() => void) => {
    let drag: Drag | null = null;
    let moved = false;
    const ends = new AbortController();
    const listen = <Name extends keyof SVGElementEventMap>(name: Name, on: (event: SVGElementEventMap[Name]) => void, capture = false) =>
      square.addEventListener(name, on, { signal: ends.signal, capture });

    listen("pointerdown", (event) => {
      moved = false;
      const value = given.network.latest.inputs[index];
      if (event.button !== 0 || value === undefined || given.held.inputs) return;
      // From here on: a quick hand is out of the square with its first move.
      square.setPointerCapture(event.pointerId);
      drag = { x: event.clientX, pointer: event.pointerId, value, range: given.network.ranges[index]!, moving: false };
    });
    listen("pointermove", (event) => {
      if (!drag || event.pointerId !== drag.pointer) return;
      const across = event.clientX - drag.x;
      if (!drag.moving) {
        if (Math.abs(across) < LEAST_PIXELS) return;
        drag.moving = moved = true;
      }
      const [low, high] = drag.range;
      const exact = drag.value + (across / SPAN_PIXELS) * (high - low);
      const next = snap(Math.min(high, Math.max(low, exact)), stepOf(low, high));
      if (next !== given.network.latest.inputs[index]) changeInput(given, index, next);
    });
    for (const name of ["pointerup", "pointercancel"] as const) listen(name, () => (drag = null));
    // What ended a drag selects nothing.
    listen("click", (event) => moved && event.stopPropagation(), true);
    return () => ends.abort();
  };
}
