import { createContext, onDestroy } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import { flatOf, indexOf, sameCell, sizeOf } from "../cells";
import { endsOf, isWhole, sliderRange } from "../ranges";
import type { Cell, Outline } from "../types";
import { arrayName, numberName, type WorldWatch } from "../watching";
import type { World } from "../world.svelte";
import { costOf, curveSteps, planeSteps, stepsOn, trackSteps } from "./cost";

export const [getAhead, setAhead] = createContext<Ahead>();

type Range = readonly [number, number];

/** A cell that runs through a range. */
export interface Side {
  readonly cell: Cell;
  readonly range: Range;
}

/** What a slider's positions give. */
interface Swept {
  readonly values: Float32Array;
  readonly outputs: Float32Array;
}

/** Of more outputs a slider's track says nothing. */
const MOST_OUTPUTS = 200;
const MOST_TRACKS = 24;

const sizeOfOutputs = ({ outputs, layers }: Outline): number =>
  layers.reduce((sum, { activations }) => sum + (outputs.includes(activations.name) ? sizeOf(activations.shape) : 0), 0);

/** What the server computes ahead of every move: what each slider in sight would give, and how one output answers to one or two numbers. */
export class Ahead {
  readonly #tracks = new SvelteMap<string, Side>();
  readonly #cost: number;
  readonly #count: number;
  /** Along which one or two numbers an output is drawn; empty where none is. */
  #sides = $state.raw<readonly Side[]>([]);

  constructor(private readonly world: World) {
    this.#cost = costOf(world.outline);
    this.#count = sizeOfOutputs(world.outline);
    onDestroy(world.wire.watch(() => [...this.#trackWatches(), ...this.#responseWatches()]));
  }

  /** What the numbers of that output are called. */
  readonly names = $derived.by(() => {
    const output = this.world.tensors.get(this.output)!;
    const count = sizeOf(output.shape);
    return Array.from({ length: count }, (_, k) => {
      const cell = { tensor: output.name, at: indexOf(k, output.shape) };
      return this.world.ownName(cell) ?? (count === 1 ? this.world.titleOf(output.name) : this.world.nameOf(cell));
    });
  });

  /** The only output tensor whose numbers a track shows, or the first of several. */
  get output(): string {
    return this.world.outline.outputs[0] ?? "";
  }

  /** From where to where a number's slider goes. */
  rangeOf(cell: Cell, value: number): Range {
    return sliderRange(this.world, cell, value);
  }

  /** A slider came into sight. Returns what says that it left. */
  show(side: Side): () => void {
    const key = nameOf(side);
    this.#tracks.set(key, side);
    return () => {
      if (this.#tracks.get(key) === side) this.#tracks.delete(key);
    };
  }

  /** Has an output drawn along one number, or over two. Returns what ends it. */
  respond(sides: readonly Side[]): () => void {
    this.#sides = sides;
    return () => {
      if (this.#sides === sides) this.#sides = [];
    };
  }

  /** What a slider's positions give; undefined until it is known. */
  sweep(side: Side): Swept | undefined {
    return this.#swept(nameOf(side), this.output);
  }

  /** The response of one cell of an output along a number. */
  curve(side: Side, of: Cell): { xs: Float32Array; ys: Float32Array } | undefined {
    const found = this.#swept(arrayName("curve", side), of.tensor);
    const tensor = this.world.tensors.get(of.tensor);
    if (!found || !tensor) return undefined;
    const [size, at] = [sizeOf(tensor.shape), flatOf(of.at, tensor.shape)];
    if (found.outputs.length !== size * found.values.length) return undefined;
    return { xs: found.values, ys: Float32Array.from(found.values, (_, k) => found.outputs[k * size + at]!) };
  }

  /** The responses of all cells of an output over the plane of two numbers, (steps, steps) each, rows going with the second. */
  planes(sides: readonly Side[], tensor: string): { steps: number; planes: Float32Array[] } | undefined {
    const all = this.#told("grid", arrayName("plane", sides), tensor);
    const size = sizeOf(this.world.tensors.get(tensor)?.shape ?? []);
    const steps = Math.sqrt((all?.length ?? 0) / size);
    if (!all || !Number.isInteger(steps)) return undefined;
    return { steps, planes: Array.from({ length: size }, (_, k) => all.subarray(k * steps * steps, (k + 1) * steps * steps)) };
  }

  /** Whether an output can be drawn over these numbers: not of a network that is too large for it. */
  canRespond(sides: readonly Side[]): boolean {
    return this.#responseSteps(sides) > 0;
  }

  #responseSteps(sides: readonly Side[]): number {
    return this.#on(sides, (sides.length === 1 ? curveSteps : planeSteps)(this.#cost, this.#count));
  }

  /** Of whole numbers so many steps that each is on one. */
  #on(sides: readonly Side[], most: number): number {
    const whole = sides.filter(({ cell }) => isWhole(this.world.tensors.get(cell.tensor)!));
    return stepsOn(whole.map(({ range: [from, to] }) => to - from), most);
  }

  /** Of a chain of dense layers only inputs span a plane. */
  canSpan(cell: Cell): boolean {
    return !this.world.chain || this.world.isInput(cell.tensor);
  }

  #swept(name: string, tensor: string): Swept | undefined {
    const values = this.#array(`sweep.${name}.values`);
    const outputs = this.#told("sweep", name, tensor);
    return values && outputs && { values, outputs };
  }

  #told(kind: string, name: string, tensor: string): Float32Array | undefined {
    const { outputs } = this.world.outline;
    return (outputs.length === 1 ? this.#array(`${kind}.${name}.outputs`) : undefined) ?? this.#array(`${kind}.${name}.${tensor}`);
  }

  #array(name: string): Float32Array | undefined {
    return this.world.comparison.flipped ? undefined : this.world.newestAhead?.arrays.get(name);
  }

  #trackWatches(): WorldWatch[] {
    const tracks = [...this.#tracks.values()].slice(0, MOST_TRACKS);
    const most = this.#count > MOST_OUTPUTS ? 0 : trackSteps(this.#cost, this.#count, tracks.length);
    return tracks.flatMap((side) => {
      const tensor = this.world.tensors.get(side.cell.tensor)!;
      // Of a whole number without ends, such as an index, nothing says which others there are.
      if (isWhole(tensor) && !endsOf(tensor, this.world.outline)) return [];
      const steps = this.#on([side], most);
      return steps === 0 ? [] : [sweepOf(side, nameOf(side), steps)];
    });
  }

  /** With the parameters' own numbers, which no pass brings by itself. */
  #responseWatches(): WorldWatch[] {
    const [x, y] = this.#sides;
    const steps = this.#responseSteps(this.#sides);
    if (!x || steps === 0) return [];
    const numbers = this.#sides.filter(({ cell }) => !this.world.isInput(cell.tensor)).map(({ cell }): WorldWatch => ({ kind: "tensor", tensor: cell.tensor, as: numberName(cell), region: cell.at.map((k) => [k, k + 1]) }));
    if (!y) return [...numbers, sweepOf(x, arrayName("curve", x), steps)];
    if (sameCell(x.cell, y.cell)) return numbers;
    const axis = ({ cell, range: [from, to] }: Side) => ({ cell, from, to });
    return [...numbers, { kind: "grid", as: arrayName("plane", this.#sides), x: axis(x), y: axis(y), steps, later: true }];
  }
}

const nameOf = (side: Side): string => arrayName("track", side);

const sweepOf = ({ cell, range: [from, to] }: Side, as: string, steps: number): WorldWatch => ({ kind: "sweep", as, vary: cell, from, to, steps, later: true });
