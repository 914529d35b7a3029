import type { DescribedCell } from "../live/protocol";
import type { Explained } from "../forms/decode";
import type { Given } from "../forms/given";
import { flatOf } from "./cells";
import { outcomesOf, writtenOf } from "./outcomes";
import { isWhole, sliderRange } from "./ranges";
import { numberAt, type WorldState } from "./state";
import type { PresetOutline } from "../studio/data";
import type { Cell, Outline, TensorOutline } from "./types";

/** What of the page the forms are given. */
interface Drawn {
  readonly t: Given["t"];
  readonly print: Given["print"];
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  readonly startings: readonly { sort: string }[];
  readonly state: WorldState;
  readonly preset: PresetOutline | null;
  readonly history: { readonly entries: readonly { readonly state: WorldState }[] };
  readonly pass: { readonly arrays: ReadonlyMap<string, Float32Array> } | null;
  readonly comparison: { explainedThen(explained: Explained): Explained | null; thenOf(cell: Cell): number | undefined };
  readonly wire: { readonly stale: boolean; rewatch(): void };
  readonly selected: Cell | null;
  readonly pointed: readonly Cell[];
  select(cell: Cell | null): void;
  point(cells: readonly Cell[]): void;
  value(cell: Cell): number | undefined;
  complete(tensor: string): Float32Array | undefined;
  held(cell: Cell, told: number): number;
  change(cell: Cell, value: number): void;
  isInput(tensor: string): boolean;
  readonly playback: { rowsOf(cell: Cell, shape: readonly number[]): number };
  ownName(cell: Cell): string | null;
  readonly following: { wordAt(cell: Cell, dim: number): string | null };
}

/** What the forms need, taken from the page that draws a network. `told`: what the server said last of a watch's arrays. */
export function formsGiven(world: Drawn, told: (name: string) => DescribedCell | undefined): Given {
  /** An input's number as the page began with it; what a parameter was, as far as it is known. */
  const original = ({ tensor, at }: Cell): number | undefined => {
    const shape = world.tensors.get(tensor)?.shape ?? [];
    const first = world.history.entries[0]!.state.tensors.get(tensor);
    const changed = world.state.tensors.get(tensor)?.changed.get(flatOf(at, shape));
    return numberAt(first, flatOf(at, shape)) ?? changed?.was ?? undefined;
  };
  return {
    t: world.t,
    print: world.print,
    outline: world.outline,
    get selected() {
      return world.selected;
    },
    select: (cell) => world.select(cell),
    get pointed() {
      return world.pointed;
    },
    point: (cells) => world.point(cells),
    get stale() {
      return world.wire.stale;
    },
    get outcomes() {
      const outputs = world.outline.outputs.map((name) => world.tensors.get(name)!);
      return outcomesOf(outputs, (tensor) => world.complete(tensor));
    },
    get written() {
      return writtenOf(world);
    },
    get arrays() {
      return world.pass?.arrays ?? null;
    },
    told,
    rewatch: () => world.wire.rewatch(),
    given: (cell) => world.value(cell),
    held: (cell, told) => world.held(cell, told),
    set: (cell, value) => world.change(cell, value),
    range: (cell, value) => sliderRange(world, cell, value),
    isWhole: ({ tensor }) => isWhole(world.tensors.get(tensor)!),
    original,
    rowsOf: (cell) => world.playback.rowsOf(cell, world.tensors.get(cell.tensor)?.shape ?? []),
    own: (cell) => world.ownName(cell),
    word: (cell, dim) => world.following.wordAt(cell, dim),
    then: (explained) => world.comparison.explainedThen(explained),
    givenThen: (cell) => world.comparison.thenOf(cell),
  };
}
