const PAUSE_MS = 900;

/**
 * Tells which changes belong to one gesture: those of one target while a pointer stays down, or that follow each other
 * within 0.9 s, as arrow keys and the wheel do.
 */
export class Gestures {
  #count = 0;
  #target = "";
  #changedAt = -Infinity;
  #held = false;

  press(): void {
    this.#held = true;
    this.#count++;
  }

  release(): void {
    this.#held = false;
    this.#count++;
  }

  /** The next change begins a gesture of its own. */
  end(): void {
    this.#count++;
  }

  /** The name of the gesture that a change of `target` belongs to. `now` in milliseconds. */
  of(target: string, now: number): string {
    if (target !== this.#target || (!this.#held && now - this.#changedAt > PAUSE_MS)) this.#count++;
    this.#target = target;
    this.#changedAt = now;
    return `${target}#${this.#count}`;
  }
}
