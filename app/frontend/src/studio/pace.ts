/**
 * When a move of the hand comes onto the screen. A server that answers at once has it painted together with its answer, in one
 * frame: painted at once, the move would have that frame alone, and the answer would wait for the next one. A server that
 * takes longer is not waited for.
 */
export class Pace {
  #show: (() => void) | null = null;
  #withFrame: (() => void)[] = [];
  #timer = 0;
  /** How many answers in a row came too late, and when the last of them did. */
  #misses = 0;
  #missedAt = 0;
  /** The newest place of a hand that moves faster than frames do. */
  #next: (() => void) | null = null;

  constructor(private readonly surroundings: Surroundings = browserSurroundings()) {}

  /** Whether a move waits for its answer. */
  get holding(): boolean {
    return this.#show !== null;
  }

  /** Shows a move with its answer, or after 12 ms. */
  hold(show: () => void): void {
    this.release();
    if (this.#misses >= MOST_MISSES && this.surroundings.now() - this.#missedAt < AFTER_MISSES_MS) {
      show();
      return;
    }
    this.#show = show;
    this.#timer = this.surroundings.later(() => {
      this.#misses++;
      this.#missedAt = this.surroundings.now();
      this.release();
    }, HOLD_MS);
  }

  /** The answer is there: shows what is held. */
  answered(): void {
    if (this.#show) this.#misses = 0;
    this.release();
  }

  /** Something else is to be done first: shows what is held. */
  release(): void {
    const show = this.#show;
    if (!show) return;
    this.#show = null;
    this.surroundings.cancel(this.#timer);
    show();
    for (const callback of this.#withFrame.splice(0)) this.surroundings.nextFrame(callback);
  }

  /** Calls back with the frame that shows what is held; while nothing is, with the next one. Asking for a frame makes one. */
  nextFrame(callback: () => void): void {
    if (this.#show) this.#withFrame.push(callback);
    else this.surroundings.nextFrame(callback);
  }

  /** Moves with the next frame, unless a newer place is known by then. */
  moveLater(move: () => void): void {
    if (!this.#next) this.nextFrame(() => this.#moveOn());
    this.#next = move;
  }

  /** The hand is done: all that it did is shown. */
  settle(): void {
    this.release();
    this.#moveOn();
    this.release();
  }

  #moveOn(): void {
    const move = this.#next;
    this.#next = null;
    move?.();
  }
}

/** What it needs of the page; tests hand in their own. */
export interface Surroundings {
  now(): number;
  nextFrame(callback: () => void): void;
  later(callback: () => void, milliseconds: number): number;
  cancel(timer: number): void;
}

const HOLD_MS = 12;
/** A server that takes longer again is not waited for for a while. */
const MOST_MISSES = 2;
const AFTER_MISSES_MS = 1000;

function browserSurroundings(): Surroundings {
  return {
    now: () => performance.now(),
    nextFrame: (callback) => void requestAnimationFrame(callback),
    later: (callback, milliseconds) => window.setTimeout(callback, milliseconds),
    cancel: (timer) => window.clearTimeout(timer),
  };
}
