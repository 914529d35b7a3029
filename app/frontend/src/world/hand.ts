import type { Gestures } from "../history/gestures";
import type { Pace } from "../studio/pace";

interface Given {
  readonly pace: Pace;
  readonly gestures: Gestures;
  readonly wire: { readonly free: boolean };
}

/** Moves of the hand: what each changes is shown with the server's answer, where that comes at once. */
export class Hand {
  #moving = false;

  constructor(private readonly given: Given) {}

  move = (change: () => void): void => {
    this.#moving = true;
    try {
      change();
    } finally {
      this.#moving = false;
    }
  };

  /** The same for a pointer, which may move more often than frames are painted. */
  follow = (change: () => void): void => {
    if (this.given.wire.free) this.move(change);
    else this.given.pace.moveLater(() => this.move(change));
  };

  /** Shows what was changed: with the answer where that is a move's, else now. */
  show(change: () => void): void {
    if (this.#moving && this.given.wire.free) this.given.pace.hold(change);
    else change();
  }

  /** Follows the hand from now on, until `signal` ends it. */
  start(signal: AbortSignal): void {
    const { pace, gestures } = this.given;
    window.addEventListener("pointerdown", () => gestures.press(), { signal, capture: true });
    // Whatever is done next stands on what is on screen.
    for (const type of ["pointerdown", "keydown", "input", "wheel", "click"] as const) {
      window.addEventListener(type, () => pace.settle(), { signal, capture: true, passive: true });
    }
    for (const end of ["pointerup", "pointercancel"] as const) {
      window.addEventListener(end, () => (pace.settle(), gestures.release()), { signal, capture: true });
    }
  }
}
