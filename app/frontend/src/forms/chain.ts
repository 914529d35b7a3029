import { onlyMoves } from "../world/blocks";
import type { Cell, LayerOutline, Outline } from "../world/types";

/** Which numbers answer together where one comes from: an activation with its sum, attention's weight with its score. */

/** Kinds whose number depends on the one at the same place of what they take first, and on little else. */
const BETWEEN = new Set(["mul", "div", "masked_fill", "where", "add", "sub", "neg", "clamp"]);
/** Kinds that such a chain begins with. */
const SUMS = new Set(["matmul", "addmm", "dense", "linear"]);
const SHARES = new Set(["softmax", "log_softmax", "safe_softmax"]);
const MOST = 4;

/** The cells to explain, in the order in which they are computed; the last is the cell itself. Empty for one that was given. */
export function chainOf(outline: Outline, cell: Cell): Cell[] {
  const given = new Map(outline.layers.map((layer) => [layer.activations.name, layer]));
  const layer = given.get(cell.tensor);
  if (!layer) return outline.layers.some(({ preActivations }) => preActivations?.name === cell.tensor) ? [cell] : [];
  const own = within(layer, cell);
  if (layer.preActivations !== null) return own;
  if (SHARES.has(layer.kind)) return [...scoreOf(given, layer, cell), ...own];
  // A product by one number, such as a score over √d, says little without what it scales.
  if ((layer.kind === "mul" || layer.kind === "div") && layer.takes.length === 1) {
    const before = given.get(layer.takes[0]!);
    if (before && before.preActivations === null && SUMS.has(before.kind)) return [{ tensor: before.activations.name, at: cell.at }, ...own];
  }
  return own;
}

/** How many heads an attention has, of which this is the softmax: it stands between two products, and looks in each head. null of any other layer. */
export function headsOf(outline: Outline, layer: LayerOutline): number | null {
  const { shape, name } = layer.activations;
  if (shape.length < 3 || !mixes(outline, layer)) return null;
  const given = new Map(outline.layers.map((each) => [each.activations.name, each]));
  const first = scoreOf(given, layer, { tensor: name, at: shape.map(() => 0) })[0];
  return first && given.get(first.tensor)?.kind === "matmul" ? shape.at(-3)! : null;
}

/** Whether these shares are of who looks at whom: a product mixes by them. The classes of a graph's nodes come from a product too. */
export function mixes({ layers }: Outline, { kind, activations }: LayerOutline): boolean {
  if (!SHARES.has(kind)) return false;
  const moved = new Set([activations.name]);
  return layers.some((layer) => {
    const isTaken = layer.takes.some((tensor) => moved.has(tensor));
    if (isTaken && onlyMoves(layer.kind)) moved.add(layer.activations.name);
    return isTaken && layer.kind === "matmul";
  });
}

/** A layer's own numbers at a place: z and f(z), or the one that it has. */
const within = (layer: LayerOutline, cell: Cell): Cell[] => (layer.preActivations ? [{ tensor: layer.preActivations.name, at: cell.at }, cell] : [cell]);

/** What the number that goes into a softmax is made of, back to the sum that it began as; empty where it began as none. */
function scoreOf(given: ReadonlyMap<string, LayerOutline>, softmax: LayerOutline, { at }: Cell): Cell[] {
  const found: Cell[] = [];
  let layer = given.get(softmax.takes[0] ?? "");
  while (layer && found.length < MOST && sameShape(layer, softmax)) {
    found.unshift(...within(layer, { tensor: layer.activations.name, at }));
    if (SUMS.has(layer.kind)) return found;
    if (!BETWEEN.has(layer.kind) || layer.preActivations !== null) return [];
    const next: string | undefined = layer.takes.find((tensor) => {
      const taken = given.get(tensor);
      return taken !== undefined && sameShape(taken, softmax) && taken.activations.dtype !== "bool";
    });
    layer = next === undefined ? undefined : given.get(next);
  }
  return [];
}

const sameShape = (one: LayerOutline, other: LayerOutline): boolean =>
  one.activations.shape.length === other.activations.shape.length && one.activations.shape.every((size, k) => size === other.activations.shape[k]);

/** What the server is asked to tell of a chain. */
export type FormWatch =
  | { kind: "explain"; cell: Cell; as: string; terms: number }
  | { kind: "tensor"; tensor: string; region: [number, number][]; as: string };

export const watchesOf = (chain: readonly Cell[], terms: number): FormWatch[] =>
  chain.map((cell, k) => ({ kind: "explain", cell, as: `why.${k}`, terms }));
