import { exists, firstSelection, samePart, type Part } from "./selection";

/** What is selected, and what is pointed at. */
export class Selected {
  part = $state.raw<Part | null>(null);
  #pointed = $state.raw<Part | null>(null);

  constructor(part: Part | null) {
    this.part = part;
  }

  select(part: Part | null): void {
    this.part = part;
  }

  get pointed(): Part | null {
    return this.#pointed;
  }

  /** A pointer that moves within one part changes nothing. */
  set pointed(part: Part | null) {
    if (!samePart(part, this.#pointed)) this.#pointed = part;
  }

  /** Selects a part of a network of these sizes; where it has no such part, what one looks at first. */
  keepWithin(sizes: readonly number[], part = this.part): void {
    this.part = part && exists(part, sizes) ? part : part && firstSelection(sizes);
    if (this.pointed && !exists(this.pointed, sizes)) this.pointed = null;
  }
}
