import type { Numbers, WorldState } from "./state";
import { vocabularyOf } from "./starting";
import type { PresetOutline } from "../studio/data";
import type { Outline, TensorOutline } from "./types";

interface Given {
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  readonly startings: readonly { sort: string }[];
  readonly state: WorldState;
  readonly preset: PresetOutline | null;
}

/** How far a slider of an input goes: from 0 to 1 in a picture whose numbers are there, over the words of a vocabulary, else so that every number of it has room. */
export function rangeOf({ outline, tensors, startings, state, preset }: Given, tensor: string): readonly [number, number] {
  const k = outline.inputs.findIndex(({ name }) => name === tensor);
  const input = tensors.get(tensor)!;
  // A preset says how far its numbers go.
  if (preset?.input_ranges[k]) return preset.input_ranges[k];
  const words = /float/.test(input.dtype) ? null : vocabularyOf(input, outline.layers);
  if (words !== null) return [0, words - 1];
  const numbers = state.tensors.get(tensor);
  const [least, most] = numbers ? extentOf(numbers) : [0, 0];
  if (startings[k]?.sort === "picture" && least >= 0 && most <= 1) return [0, 1];
  const far = Math.ceil(Math.max(3, -least, most));
  return [-far, far];
}

const extents = new WeakMap<Float64Array, readonly [number, number]>();

/** The least and the largest of an input's numbers. */
function extentOf({ base, changed }: Numbers): readonly [number, number] {
  let found = base && extents.get(base);
  if (base && !found) {
    found = base.reduce<[number, number]>(([least, most], value) => [Math.min(least, value), Math.max(most, value)], [Infinity, -Infinity]);
    extents.set(base, found);
  }
  let [least, most] = found ?? [0, 0];
  for (const { value } of changed.values()) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return [least, most];
}
