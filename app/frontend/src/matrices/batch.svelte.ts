import { createContext } from "svelte";

import type { Watch } from "../live/protocol";
import { setInputs } from "../model/edits";
import type { Message } from "../model/types";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { Values } from "../studio/values.svelte";
import type { Wire } from "../studio/wire.svelte";

interface Given {
  network: Network;
  values: Values;
  wire: Wire;
  steps: Steps;
}

export const [getBatch, setBatch] = createContext<Batch>();

/** A pasted batch of inputs: one of its rows at a time is what the network gets. */
export class Batch {
  private readonly given: Given;

  rows = $state.raw<readonly number[][]>([]);
  /** What was left out or decided when they were read. */
  notes = $state.raw<readonly Message[]>([]);
  /** What is right for each row, where they are a data set's. */
  right = $state.raw<{ name: string; values: readonly string[] } | null>(null);
  /** A text that waits to be taken, as of a file that was dropped, and where it is from. */
  offered = $state.raw<{ name: string; text: string; notes: readonly Message[] } | null>(null);
  /** The row that was gone to last. */
  at = $state(0);

  /** Whether the rows are as long as the network has inputs; adding an input changes that. */
  readonly fits = $derived.by(() => this.rows[0]?.length === this.given.network.state.inputs.length);
  /** The row that the network has now; −1 where an input was moved since. */
  readonly current = $derived.by(() =>
    this.fits && this.rows[this.at]?.every((value, i) => value === this.given.network.state.inputs[i]) ? this.at : -1,
  );

  /** Told apart from an earlier batch in what the server answers. */
  #name = $state("rows0");
  #count = 0;

  constructor(given: Given) {
    this.given = given;
    given.wire.alsoWatch(() => this.#watches());
  }

  /** Takes the rows and goes to the first. */
  take(rows: readonly number[][], notes: readonly Message[], right: Batch["right"] = null): void {
    this.rows = rows;
    this.right = right;
    this.notes = notes;
    this.offered = null;
    this.#name = `rows${++this.#count}`;
    this.go(0);
    this.given.wire.rewatch();
  }

  drop(): void {
    this.rows = [];
    this.right = null;
    this.notes = [];
    this.offered = null;
    this.given.wire.rewatch();
  }

  /** Shows a text where a batch is pasted, to be taken or not. */
  offer(name: string, text: string, notes: readonly Message[] = []): void {
    this.drop();
    this.offered = { name, text, notes };
  }

  /** Makes a row the network's inputs. */
  go(index: number): void {
    const row = this.rows[index];
    if (!row || !this.fits) return;
    this.at = index;
    const values = { row: String(index + 1), count: String(this.rows.length) };
    this.given.steps.commit(setInputs(this.given.network.latest, row), { key: "studio.did-row", values }, {
      target: "row",
      change: { inputs: row },
    });
  }

  /** A row's outputs, from the server's newest pass; undefined until they are known. */
  outputs(index: number): Float32Array | undefined {
    const count = this.given.network.sizes.at(-1)!;
    const all = this.given.values.pass?.arrays.get(`batch.${this.#name}.outputs`);
    return all?.length === this.rows.length * count ? all.subarray(index * count, (index + 1) * count) : undefined;
  }

  #watches(): Watch[] {
    return this.fits ? [{ kind: "batch", as: this.#name, inputs: this.rows }] : [];
  }
}
