const PAUSE_MS = 900;

/**
 * Tells which changes belong to one gesture: those of one target while a pointer stays down, or that follow each other
 * within 0.9 s, as arrow keys and the wheel do; and what a double click does, with what its first click did.
 */
export class Gestures {
  #name = "";
  #count = 0;
  #target = "";
  #changedAt = -Infinity;
  #held = false;
  /** How often the pointer went down, and how often it had by the last change. */
  #presses = 0;
  #changedPress = 0;
  #joins = false;

  press(): void {
    this.#held = true;
    this.#presses++;
    this.#count++;
  }

  release(): void {
    this.#held = false;
    this.#count++;
  }

  /** The next change is a double click's: it belongs to what one of its two clicks did to the same target already. */
  double(): void {
    this.#joins = this.#presses - this.#changedPress < 2;
  }

  /** The next change begins a gesture of its own. */
  end(): void {
    this.#count++;
    this.#target = "";
  }

  /** The name of the gesture that a change of `target` belongs to. `now` in milliseconds. */
  of(target: string, now: number): string {
    const joins = this.#joins && target === this.#target;
    this.#joins = false;
    if (!joins) {
      if (target !== this.#target || (!this.#held && now - this.#changedAt > PAUSE_MS)) this.#count++;
      this.#target = target;
      this.#name = `${target}#${this.#count}`;
    }
    this.#changedAt = now;
    this.#changedPress = this.#presses;
    return this.#name;
  }
}
