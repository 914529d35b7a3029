import type { Pace } from "../studio/pace";

interface Given {
  readonly pace: Pace;
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
}
