/** Parameters' numbers for what is drawn of them: asked for once, by a watch that ends with its first answer. */
import { onDestroy, untrack } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import { numberAt, type Numbers } from "../world/state";
import { arrayName, type WorldWatch } from "../world/watching";
import type { World } from "../world/world.svelte";

type Reduce = { by: number[]; with: "mean" | "largest" };

interface Wanted {
  readonly tensor: string;
  readonly reduce: Reduce | null;
}

const nameOf = ({ tensor, reduce }: Wanted): string => arrayName("links", tensor, reduce);

export class Parameters {
  readonly #world: World;
  readonly #found = new SvelteMap<string, Float32Array>();
  readonly #wanted = new SvelteMap<string, Wanted>();
  readonly #last = new Map<string, { own: Numbers; all: Float32Array }>();

  constructor(world: World) {
    this.#world = world;
    onDestroy(
      world.wire.watch((): WorldWatch[] =>
        [...this.#wanted].map(([as, { tensor, reduce }]) => ({ kind: "tensor", tensor, as, ...(reduce && { reduce }) })),
      ),
    );
  }

  /** A parameter's numbers as the server keeps them, or a summary of them; undefined until they are there. */
  get(tensor: string, reduce: Reduce | null = null): Float32Array | undefined {
    return this.#found.get(nameOf({ tensor, reduce }));
  }

  /** Asks for them. */
  want(tensor: string, reduce: Reduce | null = null): void {
    const wanted = { tensor, reduce };
    const name = nameOf(wanted);
    if (!untrack(() => this.#found.has(name))) this.#wanted.set(name, wanted);
  }

  /** Takes what a pass brought of what is asked for. */
  take(arrays: ReadonlyMap<string, Float32Array>): void {
    for (const [name, { tensor, reduce }] of untrack(() => [...this.#wanted])) {
      const numbers = arrays.get(`tensor.${name}`);
      if (!numbers) continue;
      this.#wanted.delete(name);
      this.#found.set(name, this.#asKept(tensor, reduce, numbers));
    }
  }

  /** What the server told has the learner's changes in it. */
  #asKept(tensor: string, reduce: Reduce | null, told: Float32Array): Float32Array {
    const numbers = told.slice();
    if (reduce) return numbers;
    for (const [flat, { was }] of this.#world.latest.tensors.get(tensor)?.changed ?? []) if (was !== null) numbers[flat] = was;
    return numbers;
  }

  /** All of a parameter's numbers as the learner has them, the same array until one changes; undefined until they are there. */
  all(tensor: string): Float32Array | undefined {
    const kept = this.get(tensor);
    const own = this.#world.state.tensors.get(tensor);
    if (!kept || !own) return kept;
    const last = this.#last.get(tensor);
    if (last?.own === own) return last.all;
    const all = own.base ? Float32Array.from(own.base) : kept.slice();
    for (const [flat, { value }] of own.changed) all[flat] = value;
    this.#last.set(tensor, { own, all });
    return all;
  }

  /** A parameter's number as the learner has it. */
  at(tensor: string, flat: number): number {
    return numberAt(this.#world.state.tensors.get(tensor), flat) ?? this.get(tensor)?.[flat] ?? NaN;
  }
}
