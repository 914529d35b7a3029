import { largestFew } from "../bodies/largest";
import { indexOf, sizeOf } from "./cells";
import type { Cell, Outline, TensorOutline } from "./types";

/** One number that a network comes to, for where there is room for a line and no more. */
export interface Outcome {
  readonly cell: Cell;
  /** undefined where it is not known yet. */
  readonly value: number | undefined;
  /** Of how many numbers it is the largest; 1 where it stands for itself. */
  readonly of: number;
}

export interface Outcomes {
  readonly told: readonly Outcome[];
  /** How many outputs are not told: numbers of one tensor, or tensors. */
  readonly more: number;
}

const MOST_TOLD = 2;

/** A lone output of one number or two by its numbers; of more, and of several outputs, each one's largest. */
export function outcomesOf(outputs: readonly TensorOutline[], valuesOf: (tensor: string) => Float32Array | undefined): Outcomes {
  const [first] = outputs;
  if (first && outputs.length === 1 && sizeOf(first.shape) <= MOST_TOLD) {
    const values = valuesOf(first.name);
    const told = Array.from({ length: sizeOf(first.shape) }, (_, k) => ({ cell: { tensor: first.name, at: indexOf(k, first.shape) }, value: values?.[k], of: 1 }));
    return { told, more: 0 };
  }
  const told = outputs.slice(0, MOST_TOLD).map(({ name, shape }) => {
    const values = valuesOf(name);
    const largest = (values && largestFew(values, 1)[0]) ?? 0;
    return { cell: { tensor: name, at: indexOf(largest, shape) }, value: values?.[largest], of: sizeOf(shape) };
  });
  return { told, more: outputs.length - told.length };
}

/** What of the page is looked at for what its network writes. */
interface Page {
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  readonly preset: { readonly class_names: readonly string[] } | null;
  value(cell: Cell): number | undefined;
  complete(tensor: string): Float32Array | undefined;
}

/** What the network on the page writes after its mark; null where it writes nothing. */
export function writtenOf(page: Page): string | null {
  const [input] = page.outline.inputs;
  const output = page.tensors.get(page.outline.outputs[0] ?? "");
  const words = page.preset?.class_names ?? [];
  if (!input || !output || words.length === 0 || output.shape.length !== 2) return null;
  const tokens = Array.from({ length: input.shape[0] ?? 0 }, (_, k) => page.value({ tensor: input.name, at: [k] }) ?? NaN);
  return writtenBy(tokens, output, page.complete(output.name), words);
}

/**
 * Of rows of numbers for words, the likeliest word of each row from the mark on, which is the last word and stands in the tokens;
 * null where there are no such rows, or not all of their numbers.
 */
export function writtenBy(tokens: ArrayLike<number>, output: TensorOutline, values: Float32Array | undefined, words: readonly string[]): string | null {
  const count = words.length;
  if (!values || output.shape.length !== 2 || output.shape[1] !== count) return null;
  const from = Array.from(tokens).indexOf(count - 1);
  if (from < 0 || values.some(Number.isNaN)) return null;
  return Array.from({ length: output.shape[0]! - from }, (_, k) => words[largestFew(values.subarray((from + k) * count, (from + k + 1) * count), 1)[0]!]!).join(" ");
}
