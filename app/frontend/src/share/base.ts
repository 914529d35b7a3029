import { applied, difference } from "../live/difference";
import type { Change } from "../live/protocol";
import { layerDocuments, type LayerDocument } from "../model/document";
import type { Layer, StudioState } from "../model/types";
import { keptAs } from "./stored";

/** A network that the server keeps, and its layers. */
export interface Kept {
  id: string;
  layers: readonly LayerDocument[];
}

/** How a network that was made of one that the server keeps is remembered: by what makes it that one again. */
export interface Base {
  id: string;
  changes: readonly Change[];
}

/** Of layers that an earlier visit made of a network which the server keeps: that network. */
const madeFrom = new WeakMap<object, Kept>();

/** The network that the server keeps of this one, or of what it was made from, the state that it was opened in. */
export function keptFor({ layers }: StudioState, origin: StudioState): Kept | null {
  for (const each of [layers, origin.layers]) {
    const id = keptAs.get(each);
    if (id !== undefined) return { id, layers: layerDocuments(each) };
    const kept = madeFrom.get(each);
    if (kept) return kept;
  }
  return null;
}

/** What is remembered of it; null where nothing is kept, or too much is different. */
export function baseOf(state: StudioState, origin: StudioState): Base | null {
  const kept = keptFor(state, origin);
  const changes = kept && difference({ layers: layerDocuments(state.layers), inputs: [] }, { layers: kept.layers, inputs: [] });
  return changes && { id: kept.id, changes };
}

/** These layers come back as they were left: made of what the server keeps, where that was remembered. */
export function remember(layers: readonly Layer[], base: Base | null): void {
  if (!base) return;
  const own = { layers: layerDocuments(layers), inputs: [] };
  const kept = base.changes.reduce(applied, own);
  madeFrom.set(layers, { id: base.id, layers: kept.layers });
}

/** What anything at all says of a base of these layers; null where it says none. */
export function checkedBase(value: unknown, layers: readonly Layer[]): Base | null {
  const { id, changes } = (value ?? {}) as Record<keyof Base, unknown>;
  if (typeof id !== "string" || !Array.isArray(changes)) return null;
  return changes.every((change) => isOf(change, layers)) ? { id, changes: changes as Change[] } : null;
}

function isOf(change: unknown, layers: readonly Layer[]): boolean {
  const { layer, weight, bias, value, activation } = (change ?? {}) as Record<string, unknown>;
  const own = layers[layer as number];
  if (!own) return false;
  if (activation !== undefined) return typeof activation === "string";
  if (typeof value !== "number") return false;
  if (bias !== undefined) return own.biases[bias as number] !== undefined;
  return Array.isArray(weight) && weight.length === 2 && own.weights[weight[0] as number]?.[weight[1] as number] !== undefined;
}
