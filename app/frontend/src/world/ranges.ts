import type { Numbers, WorldState } from "./state";
import { vocabularyOf } from "./starting";
import type { PresetOutline } from "../studio/data";
import { parameterRange } from "../studio/ranges";
import type { Cell, Outline, TensorOutline } from "./types";

interface Given {
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  readonly startings: readonly { sort: string }[];
  readonly state: WorldState;
  readonly preset: PresetOutline | null;
}

/** Whether its numbers are whole ones; true and false are 1 and 0. */
export const isWhole = ({ dtype }: TensorOutline): boolean => !/float/.test(dtype);

/** From where to where the slider of a number goes that was given, with room for the number itself where that is finite. */
export function sliderRange(given: Given, { tensor: name }: Cell, value: number): [number, number] {
  const tensor = given.tensors.get(name);
  const isInput = given.outline.inputs.some((input) => input.name === name);
  const [low, high] = (tensor && endsOf(tensor, given.outline)) ?? (isInput ? rangeOf(given, name) : parameterRange(value));
  const [least, most] = heldBy(tensor?.dtype ?? "");
  const own = Number.isFinite(value) ? value : low;
  return [Math.max(least, Math.min(low, own)), Math.min(most, Math.max(high, own))];
}

/** The least and the largest whole number that a type holds. */
function heldBy(dtype: string): readonly [number, number] {
  const [, unsigned, bits] = /^(u?)int(\d+)$/.exec(dtype) ?? [];
  if (!bits) return [-Infinity, Infinity];
  return unsigned ? [0, 2 ** Number(bits) - 1] : [-(2 ** (Number(bits) - 1)), 2 ** (Number(bits) - 1) - 1];
}

/** The ends that a whole number has by what it is: a truth, a word of a vocabulary. */
export function endsOf(tensor: TensorOutline, { layers }: Outline): readonly [number, number] | null {
  if (!isWhole(tensor)) return null;
  if (tensor.dtype === "bool") return [0, 1];
  const words = vocabularyOf(tensor, layers);
  return words === null ? null : [0, words - 1];
}

/** How far a slider of an input goes: from 0 to 1 in a picture whose numbers are there, over the words of a vocabulary, else so that every number of it has room. */
export function rangeOf({ outline, tensors, startings, state, preset }: Given, tensor: string): readonly [number, number] {
  const k = outline.inputs.findIndex(({ name }) => name === tensor);
  const input = tensors.get(tensor)!;
  // A preset says how far its numbers go.
  if (preset?.input_ranges[k]) return preset.input_ranges[k];
  const ends = endsOf(input, outline);
  if (ends) return ends;
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
    let [low, high] = [Infinity, -Infinity];
    for (let k = 0; k < base.length; k++) {
      if (base[k]! < low) low = base[k]!;
      if (base[k]! > high) high = base[k]!;
    }
    extents.set(base, (found = [low, high]));
  }
  let [least, most] = found ?? [0, 0];
  for (const { value } of changed.values()) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return [least, most];
}
