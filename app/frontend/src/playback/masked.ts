import type { Pass } from "../live/frames";
import type { Known } from "./steps";

/** A pass with no more numbers than are known so far. Each array keeps its name, and the first of its values. */
export function masked(pass: Pass, known: Known, sizes: readonly number[]): Pass {
  const arrays = new Map<string, Float32Array>();
  for (const [name, values] of pass.arrays) {
    const kept = keptOf(name, values, known, sizes);
    if (kept) arrays.set(name, kept);
  }
  return { ...pass, arrays };
}

function keptOf(name: string, values: Float32Array, known: Known, sizes: readonly number[]): Float32Array | undefined {
  const [kind, ...rest] = name.split(".");
  if (kind === "layers") {
    const count = rest[1] === "activations" ? known.activations : known.sums;
    return prefix(values, Number(rest[0]) + 1, known.layer, count);
  }
  if (kind === "differences") return rest[0] === "0" ? values : prefix(values, Number(rest[0]), known.layer, known.activations);
  // A share is known with the last sum of its layer.
  if (kind === "shares") return prefix(values, Number(rest[0]) + 1, known.layer, known.sums === sizes[known.layer] ? values.length : 0);
  if (kind === "explain") return explained(values, Number(rest[0]) + 1, Number(rest[1]), rest[2]!, known);
  // What is swept may have dots in its name: the end of it says what the array holds.
  const part = /\.layers\.(\d+)\.(pre_)?activations$/.exec(name);
  if (kind === "sweep" || kind === "grid" || (kind === "batch" && part)) {
    // What every position, or every row, would give: of layers that are known as a whole, and never the output's before it is there.
    if (name.endsWith(".values")) return values;
    const layer = part ? Number(part[1]) + 1 : sizes.length - 1;
    const count = part?.[2] ? known.sums : known.activations;
    const whole = layer < known.layer || (layer === known.layer && count === sizes[layer]);
    return whole ? values : undefined;
  }
  return kind === "inputs" || kind === "batch" ? values : undefined;
}

function prefix(values: Float32Array, layer: number, reached: number, count: number): Float32Array | undefined {
  if (layer < reached) return values;
  return layer === reached ? values.subarray(0, count) : undefined;
}

function explained(values: Float32Array, layer: number, neuron: number, what: string, known: Known): Float32Array | undefined {
  // The function's curve is its own, whatever z will be.
  if (what === "curve") return values;
  if (layer < known.layer || (layer === known.layer && neuron < known.activations)) return values;
  if (layer > known.layer || neuron > known.activations) return undefined;
  if (what === "contributions") return values.subarray(0, Math.max(0, known.terms));
  return what === "running" ? values.subarray(0, Math.max(0, known.terms)) : undefined;
}
