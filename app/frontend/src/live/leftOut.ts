import type { ProblemDocument } from "./protocol";

/** The server takes a list of watches as a whole, or refuses it: what it will not watch is left out, so that it watches all others. */
export class LeftOut<Watch extends object> {
  /** What is not sent, as it would be; true where there is only no room for it beside the others in the list. */
  readonly #left = new Map<string, boolean>();
  #seq = 0;
  #list: readonly Watch[] = [];

  /** What is to be sent of a list. */
  rest(list: readonly Watch[]): readonly Watch[] {
    // Most lists are taken whole, and a batch's text is long.
    return (this.#list = this.#left.size ? list.filter((watch) => !this.#left.has(JSON.stringify(watch))) : list);
  }

  /** The command that the rest went out with. */
  sent(seq: number): void {
    this.#seq = seq;
  }

  /** Another list is to be sent, and may have room for what the one before had not. */
  another(): void {
    this.#seq = Infinity;
    for (const [text, crowded] of this.#left) if (crowded) this.#left.delete(text);
  }

  /** Another network may have what the one before had not. */
  anew(): void {
    this.#left.clear();
  }

  /**
   * Takes note of a refusal. "rest": of the newest list that was sent something is left out now, those that it names or, where they are too many
   * together, the last one; the rest is to be sent. "old": it is about a list before that. null: it is about no list of watches, or nothing can be left out.
   */
  refuses(seq: number | null, { errors = [] }: ProblemDocument): "rest" | "old" | null {
    const places = errors.flatMap(({ pointer }) => /^\/watch\b\/?(\d*)/.exec(pointer)?.slice(1) ?? []);
    if (seq === null || places.length === 0) return null;
    if (seq < this.#seq) return "old";
    if (seq > this.#seq || this.#list.length === 0) return null;
    for (const place of places) {
      const crowded = place === "";
      const watch = this.#list.at(crowded ? -1 : Number(place));
      this.#left.set(JSON.stringify(watch), crowded);
    }
    return "rest";
  }
}
