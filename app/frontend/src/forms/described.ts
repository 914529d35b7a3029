import type { DescribedCell } from "../live/protocol";

/** What the server said last of each watched cell: the same object for as long as it says the same, as when only other watches are added. */
export class Described {
  readonly #cells = new Map<string, { readonly cell: DescribedCell; readonly text: string }>();

  take = (cells: readonly DescribedCell[]): void => {
    for (const cell of cells) {
      const text = JSON.stringify(cell);
      if (this.#cells.get(cell.name)?.text !== text) this.#cells.set(cell.name, { cell, text });
    }
  };

  of = (name: string): DescribedCell | undefined => this.#cells.get(name)?.cell;
}
