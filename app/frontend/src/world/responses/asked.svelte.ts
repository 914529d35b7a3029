import { createContext } from "svelte";

import { largestOf, sameCell } from "../cells";
import type { Cell } from "../types";
import type { World } from "../world.svelte";

export const [getAsked, setAsked] = createContext<Asked>();

/** Which output is drawn along which one or two numbers; it outlives the panel that shows it. */
export class Asked {
  #x = $state.raw<Cell | null>(null);
  #y = $state.raw<Cell | null>(null);
  #of = $state.raw<Cell | null>(null);

  constructor(private readonly world: World) {}

  /** The number along which; null until one was chosen. */
  get x(): Cell | null {
    return this.#x;
  }

  /** The second one of a plane. */
  get y(): Cell | null {
    return this.#x === null ? null : this.#y;
  }

  /** The output that was chosen, or is selected; else the largest. */
  readonly of = $derived.by((): Cell | null => {
    const { world } = this;
    const tensor = world.tensors.get(world.outline.outputs[0] ?? "");
    if (this.#of !== null || !tensor) return this.#of;
    const { selected } = world;
    if (selected && world.outline.outputs.includes(selected.tensor)) return selected;
    return largestOf(tensor, world.ofPass(tensor.name)) ?? { tensor: tensor.name, at: tensor.shape.map(() => 0) };
  });

  isOutput = (cell: Cell | null): boolean => cell !== null && this.world.outline.outputs.includes(cell.tensor);

  /** Whether a number can be moved: it is an input's or a parameter's. */
  isMoved = (cell: Cell | null): boolean => cell !== null && (this.world.isInput(cell.tensor) || !this.world.outline.layers.some(({ activations, preActivations }) => [activations.name, preActivations?.name].includes(cell.tensor)));

  along(cell: Cell | null): void {
    if (sameCell(cell, this.#y)) this.#y = null;
    this.#x = cell;
  }

  over(cell: Cell | null): void {
    if (!sameCell(cell, this.#x)) this.#y = cell;
  }

  take(cell: Cell): void {
    if (this.isOutput(cell)) this.#of = cell;
  }
}
