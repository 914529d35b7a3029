import type { ProblemDocument } from "./protocol";

/** Where the refusal of a list of watches says which of them it is about; none where it is all of them together. */
const POINTER = /^\/watch\b\/?(\d*)/;

/** The server takes a list of watches as a whole, or refuses it: what it will not watch is left out, so that it watches all others. */
export class LeftOut<Watch extends object> {
  /** What the open network has nothing for, as it would be sent. */
  readonly #refused = new Set<string>();
  /** What there is no room for beside the others in the list. */
  readonly #crowded = new Set<string>();
  #sent: { readonly seq: number; readonly list: readonly Watch[] } = { seq: 0, list: [] };

  /** What is to be sent of a list. */
  rest(list: readonly Watch[]): readonly Watch[] {
    if (this.#refused.size + this.#crowded.size === 0) return list;
    return list.filter((watch) => {
      const text = JSON.stringify(watch);
      return !this.#refused.has(text) && !this.#crowded.has(text);
    });
  }

  sent(seq: number, list: readonly Watch[]): void {
    this.#sent = { seq, list };
  }

  /** Another list may have room for what the one before had not. */
  another(): void {
    this.#crowded.clear();
  }

  /** Another network may have what the one before had not. */
  anew(): void {
    this.#refused.clear();
    this.#crowded.clear();
  }

  /**
   * Takes note of a refusal. "rest": of the newest list that was sent something is left out now, those that it names or, where they are too many
   * together, the last one; the rest is to be sent. "old": it is about a list before that. null: it is about no list of watches, or nothing can be left out.
   */
  refuses(seq: number | null, problem: ProblemDocument): "rest" | "old" | null {
    const found = (problem.errors ?? []).flatMap(({ pointer }) => POINTER.exec(pointer)?.slice(1) ?? []);
    if (seq === null || found.length === 0) return null;
    if (seq !== this.#sent.seq) return seq < this.#sent.seq ? "old" : null;
    const { list } = this.#sent;
    const named = found.flatMap((place) => (place === "" ? [] : (list[Number(place)] ?? [])));
    const crowded = named.length === 0 ? list.slice(-1) : [];
    for (const watch of named) this.#refused.add(JSON.stringify(watch));
    for (const watch of crowded) this.#crowded.add(JSON.stringify(watch));
    return named.length + crowded.length > 0 ? "rest" : null;
  }
}
