import { sizesOf } from "../model/sizes";
import type { StudioState } from "../model/types";
import type { Locked } from "./assignment";

/** Whether a step changes what a teacher's link holds where it is. */
export function breaks(lock: readonly Locked[], before: StudioState, after: StudioState): boolean {
  return lock.some((part) => changed(part, before, after));
}

/** Weights that come or go with a neuron belong to the layers. */
function changed(part: Locked, before: StudioState, after: StudioState): boolean {
  if (part === "inputs") return !same(before.inputs, after.inputs);
  if (part === "layers") return !same(shape(before), shape(after));
  return same(sizesOf(before), sizesOf(after)) && !same(numbers(before), numbers(after));
}

const shape = (state: StudioState): unknown[] => [...sizesOf(state), ...state.layers.map(({ activation }) => activation)];
const numbers = ({ layers }: StudioState): number[] => layers.flatMap(({ weights, biases }) => [...weights.flat(), ...biases]);
const same = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((value, at) => Object.is(value, other[at]));
