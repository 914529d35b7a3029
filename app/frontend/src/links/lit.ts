/** Which edges of a dense layer stand out: those of the selected cell, and those under a hand. */
import { flatOf } from "../world/cells";
import type { Cell } from "../world/types";
import type { Gap } from "./gaps";

export interface Lit {
  /** Sources and targets all of whose edges stand out, by their place in a row. */
  readonly sources: ReadonlySet<number>;
  readonly targets: ReadonlySet<number>;
  /** Single edges. */
  readonly edges: readonly (readonly [from: number, to: number])[];
  readonly some: boolean;
}

/**
 * A neuron's are those that come in, which its sum is made of; an input's those that leave it. What a hand is over has both, so that one
 * sees where a number goes.
 */
export function litOf({ giver, taker, layer }: Gap, weights: string, selected: Cell | null, pointed: readonly Cell[]): Lit {
  const [sources, targets] = [new Set<number>(), new Set<number>()];
  const edges: [number, number][] = [];
  for (const cell of [selected, ...pointed]) {
    if (!cell) continue;
    if (cell.tensor === weights) edges.push([cell.at[0]!, cell.at[1]!]);
    else if (taker && (cell.tensor === taker.tensor.name || cell.tensor === layer?.preActivations?.name)) targets.add(flatOf(cell.at, taker.tensor.shape));
    else if (giver && cell.tensor === giver.tensor.name && (cell !== selected || giver.block.layer === null)) sources.add(flatOf(cell.at, giver.tensor.shape));
  }
  return { sources, targets, edges, some: sources.size + targets.size + edges.length > 0 };
}
