import { OF_NETWORK } from "../later/parts";
import { applied, difference } from "./difference";
import type { Change, Opening } from "./protocol";
import type { Dialect } from "./session";

/** How a chain of dense layers is told. */
export const DENSE: Dialect<Opening, Change> = {
  targetOf,
  difference,
  applied,
  // Not needed before the first change of a shape.
  reshape: (before, after) => (OF_NETWORK.loaded ?? (void OF_NETWORK.load().catch(() => undefined), null))?.reshape(before, after) ?? null,
  named: ({ kept, inputs }) => kept ? { command: { network: kept.id, inputs }, told: { layers: kept.layers, inputs } } : null,
  whole: ({ layers, inputs }) => ({ command: { layers, inputs }, told: { layers, inputs } }),
  commands: (changes) => [{ op: "set", changes }],
};

/** What a change replaces: two changes with one target are one change, the later. */
function targetOf(change: Change): string {
  if ("inputs" in change) return "inputs";
  if ("input" in change) return `i${change.input}`;
  if ("weight" in change) return `w${change.layer}.${change.weight.join(".")}`;
  if ("bias" in change) return `b${change.layer}.${change.bias}`;
  return `a${change.layer}`;
}
