import type { Cell, Outline, TensorOutline } from "./types";

/** Places in tensors: an index of several dimensions, and the place among all numbers in a row, the last index running fastest. */

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export function flatOf(at: readonly number[], shape: readonly number[]): number {
  let flat = 0;
  for (const [k, size] of shape.entries()) flat = flat * size + (at[k] ?? 0);
  return flat;
}

export function indexOf(flat: number, shape: readonly number[]): number[] {
  const at = new Array<number>(shape.length);
  for (let k = shape.length - 1; k >= 0; k--) {
    at[k] = flat % shape[k]!;
    flat = Math.floor(flat / shape[k]!);
  }
  return at;
}

export const sameCell = (one: Cell | null, other: Cell | null): boolean =>
  one === other || (one !== null && other !== null && one.tensor === other.tensor && one.at.length === other.at.length && one.at.every((k, i) => k === other.at[i]));

/** Every tensor that an outline names, by its name. */
export function tensorsOf(outline: Outline): Map<string, TensorOutline> {
  const found = new Map<string, TensorOutline>();
  const add = (tensor: TensorOutline | null): void => void (tensor && found.set(tensor.name, tensor));
  outline.inputs.forEach(add);
  for (const layer of outline.layers) {
    layer.parameters.forEach(add);
    add(layer.preActivations);
    add(layer.activations);
  }
  return found;
}

const MOST_LOOKED_AT = 1000;

/** The cell with the largest number; null where there is none, or too many to be looked through. */
export function largestOf({ name, shape }: TensorOutline, values: ArrayLike<number> | undefined): Cell | null {
  if (!values || values.length === 0 || values.length > MOST_LOOKED_AT) return null;
  let largest = 0;
  for (let k = 1; k < values.length; k++) if (values[k]! > values[largest]!) largest = k;
  return { tensor: name, at: indexOf(largest, shape) };
}
