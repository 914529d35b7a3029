import { createContext, onDestroy } from "svelte";

import type { Watch } from "../live/protocol";
import { setInputs } from "../model/edits";
import type { Message } from "../model/types";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { Values } from "../studio/values.svelte";
import type { Wire } from "../studio/wire.svelte";
import { RowsOfInputs } from "./rows.svelte";

interface Given {
  network: Network;
  values: Values;
  wire: Wire;
  steps: Steps;
}

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

  #watches(): Watch[] {
    return this.fits ? [{ kind: "batch", as: this.#name, inputs: this.rows }] : [];
  }
}
