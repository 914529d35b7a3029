import { createContext, onDestroy } from "svelte";

import type { Watch } from "../live/protocol";
import { setInputs } from "../model/edits";
import type { Message } from "../model/types";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { Values } from "../studio/values.svelte";
import type { Wire } from "../studio/wire.svelte";
import type { WholeBatch } from "./chain";
import { RowsOfInputs } from "./rows.svelte";
import { shownIndices } from "./shown";

interface Given {
  network: Network;
  values: Values;
  wire: Wire;
  steps: Steps;
}

/** More rows are not written in the matrices. */
const MOST_WRITTEN = 8;

export const [getBatch, setBatch] = createContext<Batch>();

/** A pasted batch of a chain of dense layers: the live session tells all its outputs with every pass. */
export class Batch extends RowsOfInputs {
  /** Told apart from an earlier batch in what the server answers. */
  #name = $state("rows0");
  #count = 0;

  constructor(private readonly given: Given) {
    super();
    onDestroy(given.wire.watch(() => this.#watches()));
  }

  get expected(): number {
    return this.given.network.inputs.length;
  }

  protected isNow(row: readonly number[]): boolean {
    return row.every((value, i) => value === this.given.network.inputs[i]);
  }

  protected show(row: readonly number[], label: Message): void {
    this.given.steps.commit(setInputs(this.given.network.latest, row), label, { target: "row", change: { inputs: row } });
  }

  protected changed(): void {
    this.#name = `rows${++this.#count}`;
  }

  outputs(index: number): Float32Array | undefined {
    const count = this.given.network.sizes.at(-1)!;
    const all = this.given.values.pass?.arrays.get(`batch.${this.#name}.outputs`);
    return all?.length === this.rows.length * count ? all.subarray(index * count, (index + 1) * count) : undefined;
  }

  /** The rows as the matrices write them; null where none of them is what the network has. */
  readonly whole = $derived.by((): WholeBatch | null => {
    if (this.current < 0) return null;
    const rows = shownIndices(this.rows.length, MOST_WRITTEN, [this.current]);
    const told = rows.filter((row) => typeof row === "number");
    return { count: this.rows.length, rows, own: this.current, told, as: `${this.#name}.${told.join("-")}`, input: (row, input) => this.rows[row]?.[input] };
  });

  /** Has the server tell every layer's numbers of the rows that the matrices write. Gives what ends it. */
  watchWhole(): () => void {
    return this.given.wire.watch(() => {
      const { whole } = this;
      return whole ? [{ kind: "batch", as: whole.as, inputs: whole.told.map((row) => this.rows[row]!), layers: true }] : [];
    });
  }

  #watches(): Watch[] {
    return this.fits ? [{ kind: "batch", as: this.#name, inputs: this.rows }] : [];
  }
}
