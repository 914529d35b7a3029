/** Parameters' numbers for what is drawn of them: asked for once, by a watch that ends with its first answer. */
import { onDestroy, untrack } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import { numberAt, type Numbers } from "../world/state";
import { arrayName, type WorldWatch } from "../world/watching";
import type { World } from "../world/world.svelte";
import type { Region } from "./picture";

/** What is told of a parameter's numbers: a summary of blocks of them, or those of some rows and columns; null for all. */
type Cut = { readonly by: number[]; readonly with: "mean" | "largest" } | Region | null;

interface Wanted {
  readonly tensor: string;
  readonly cut: Cut;
  /** What was the learner's own of it when it was asked for. */
  readonly own: Numbers | undefined;
}

const nameOf = (tensor: string, cut: Cut): string => arrayName("links", tensor, cut);

const toldOf = (cut: Cut): Pick<Extract<WorldWatch, { kind: "tensor" }>, "region" | "reduce"> => (isRegion(cut) ? { region: cut.map(([from, to]) => [from, to]) } : cut === null ? {} : { reduce: cut });

const isRegion = (cut: Cut): cut is Region => Array.isArray(cut);

export class Parameters {
  readonly #world: World;
  readonly #found = new SvelteMap<string, { readonly numbers: Float32Array; readonly own: Numbers | undefined }>();
  readonly #wanted = new SvelteMap<string, Wanted>();
  readonly #last = new Map<string, { own: Numbers; all: Float32Array }>();

  constructor(world: World) {
    this.#world = world;
    onDestroy(world.wire.watch((): WorldWatch[] => [...this.#wanted].map(([as, { tensor, cut }]) => ({ kind: "tensor", tensor, as, ...toldOf(cut) }))));
  }

  /** A parameter's numbers as the server keeps them, or a summary of them; undefined until they are there. */
  get(tensor: string, cut: Cut = null): Float32Array | undefined {
    return this.#found.get(nameOf(tensor, cut))?.numbers;
  }

  /** Asks for them; for a summary also once it is old. */
  want(tensor: string, cut: Cut = null): void {
    const name = nameOf(tensor, cut);
    untrack(() => {
      if (this.#wanted.has(name) || (this.#found.has(name) && !this.isOld(tensor, cut))) return;
      this.#wanted.set(name, { tensor, cut, own: this.#world.state.tensors.get(tensor) });
    });
  }

  /** Whether a number was changed since a summary was made. */
  isOld(tensor: string, cut: Cut): boolean {
    const own = this.#world.state.tensors.get(tensor);
    const found = this.#found.get(nameOf(tensor, cut));
    return found !== undefined && cut !== null && !isRegion(cut) && found.own !== own;
  }

  /** Takes what a pass brought of what is asked for. */
  take(arrays: ReadonlyMap<string, Float32Array>): void {
    for (const [name, { tensor, cut, own }] of untrack(() => [...this.#wanted])) {
      const numbers = arrays.get(`tensor.${name}`);
      if (!numbers) continue;
      this.#wanted.delete(name);
      this.#found.set(name, { numbers: this.#asKept(tensor, cut, numbers), own });
    }
  }

  /** What the server told has the learner's changes in it. */
  #asKept(tensor: string, cut: Cut, told: Float32Array): Float32Array {
    const numbers = told.slice();
    if (cut !== null && !isRegion(cut)) return numbers;
    const changed = this.#world.latest.tensors.get(tensor)?.changed ?? new Map<number, never>();
    if (cut === null) {
      for (const [flat, { was }] of changed) if (was !== null) numbers[flat] = was;
      return numbers;
    }
    return numbers.map((number, k) => changed.get(this.#flatIn(tensor, cut, k))?.was ?? number);
  }

  /** The numbers of a region as the learner has them; undefined until they are there. */
  within(tensor: string, region: Region): Float32Array | undefined {
    const own = this.#world.state.tensors.get(tensor);
    const kept = this.get(tensor, region);
    return own && kept ? kept.map((number, k) => numberAt(own, this.#flatIn(tensor, region, k)) ?? number) : kept;
  }

  /** The place among all numbers of a matrix of one among those of a region. */
  #flatIn(tensor: string, [rows, columns]: Region, place: number): number {
    const [[top], [left, right]] = [rows!, columns!];
    const wide = right - left;
    return (top + Math.floor(place / wide)) * this.#world.tensors.get(tensor)!.shape[1]! + left + (place % wide);
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
