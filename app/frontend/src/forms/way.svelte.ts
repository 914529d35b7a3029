import type { Cell } from "../world/types";
import { sameCell } from "./names";

/** The way from a number to those that it is made of, cell by cell: walked in by a part, back again, or to any cell of it. */
export class Way {
  #cells = $state.raw<readonly Cell[]>([]);

  /** From where one began to where one is. */
  get cells(): readonly Cell[] {
    return this.#cells;
  }

  get here(): Cell | null {
    return this.#cells.at(-1) ?? null;
  }

  get before(): Cell | null {
    return this.#cells.at(-2) ?? null;
  }

  /**
   * A cell was selected. `made` says whether it is a part of the one that was: then it is one step further. Any cell of the way
   * leads back there; another begins a way of its own.
   */
  arrive(cell: Cell | null, made: boolean): void {
    if (sameCell(cell, this.here)) return;
    if (cell === null) {
      this.#cells = [];
      return;
    }
    const known = this.#cells.findIndex((each) => sameCell(each, cell));
    if (known >= 0) this.#cells = this.#cells.slice(0, known + 1);
    else this.#cells = made ? [...this.#cells, cell] : [cell];
  }
}
