import { sizeOf } from "./cells";
import { allOf, type WorldState } from "./state";
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

/** How far a slider of an input goes: from 0 to 1 in a picture, over the words of a vocabulary, else so that every number of it has room. */
export function rangeOf({ outline, tensors, startings, state, preset }: Given, tensor: string): readonly [number, number] {
  const k = outline.inputs.findIndex(({ name }) => name === tensor);
  const input = tensors.get(tensor)!;
  // A preset says how far its numbers go.
  if (preset?.input_ranges[k]) return preset.input_ranges[k];
  const words = /float/.test(input.dtype) ? null : vocabularyOf(input, outline.layers);
  if (words !== null) return [0, words - 1];
  if (startings[k]?.sort === "picture") return [0, 1];
  const numbers = state.tensors.get(tensor);
  if (!numbers || sizeOf(input.shape) > 4096) return [-3, 3];
  const most = allOf(numbers).reduce((largest, value) => Math.max(largest, Math.abs(value)), 3);
  return [-Math.ceil(most), Math.ceil(most)];
}
