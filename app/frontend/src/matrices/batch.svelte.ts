import { createContext } from "svelte";

import type { Watch } from "../live/protocol";
import { setInputs } from "../model/edits";
import type { Studio } from "../studio/studio.svelte";

export const [getBatch, setBatch] = createContext<Batch>();

/** A pasted batch of inputs: one of its rows at a time is what the network gets. */
export class Batch {
  private readonly studio: Studio;

  rows = $state.raw<readonly number[][]>([]);
  /** Names of pasted columns that are no input. */
  left = $state.raw<readonly string[]>([]);
  /** The row that was gone to last. */
  at = $state(0);

  /** Whether the rows are as long as the network has inputs; adding an input changes that. */
  readonly fits = $derived.by(() => this.rows[0]?.length === this.studio.state.inputs.length);
  /** The row that the network has now; −1 where an input was moved since. */
  readonly current = $derived.by(() =>
    this.fits && this.rows[this.at]?.every((value, i) => value === this.studio.state.inputs[i]) ? this.at : -1,
  );

  /** Told apart from an earlier batch in what the server answers. */
  #name = $state("rows0");
  #count = 0;

  constructor(studio: Studio) {
    this.studio = studio;
    studio.alsoWatch(() => this.#watches());
  }

  /** Takes the rows and goes to the first. */
  take(rows: readonly number[][], left: readonly string[]): void {
    this.rows = rows;
    this.left = left;
    this.#name = `rows${++this.#count}`;
    this.go(0);
    this.studio.rewatch();
  }

  drop(): void {
    this.rows = [];
    this.left = [];
    this.studio.rewatch();
  }

  /** Makes a row the network's inputs. */
  go(index: number): void {
    const row = this.rows[index];
    if (!row || !this.fits) return;
    this.at = index;
    const values = { row: String(index + 1), count: String(this.rows.length) };
    this.studio.commit(setInputs(this.studio.latest, row), { key: "studio.did-row", values }, {
      target: "row",
      change: { inputs: row },
    });
  }

  /** A row's outputs, from the server's newest pass; undefined until they are known. */
  outputs(index: number): Float32Array | undefined {
    const count = this.studio.sizes.at(-1)!;
    const all = this.studio.pass?.arrays.get(`batch.${this.#name}.outputs`);
    return all?.length === this.rows.length * count ? all.subarray(index * count, (index + 1) * count) : undefined;
  }

  #watches(): Watch[] {
    return this.fits ? [{ kind: "batch", as: this.#name, inputs: this.rows }] : [];
  }
}
