/** Why a number of the pass has no value. Nothing is computed here: the values that went into it tell which operation had none. */

export type Cause =
  /** A value of the layer before is none already. */
  | { kind: "value"; from: number }
  /** A sum of the same layer is none, and the function takes all of them. */
  | { kind: "sum"; neuron: number }
  /** 0 · ∞. */
  | { kind: "product" }
  /** ∞ − ∞. */
  | { kind: "difference" }
  /** The function has no value there. */
  | { kind: "function" };

export interface Circumstances {
  /** What the layer before hands over. */
  values: ArrayLike<number>;
  /** The weights of the neuron's terms. */
  weights: ArrayLike<number>;
  /** The sums z of the whole layer. */
  sums: ArrayLike<number>;
  neuron: number;
  /** Whether the function takes one z, and not those of the whole layer. */
  elementwise: boolean;
}

export function causeOfNaN({ values, weights, sums, neuron, elementwise }: Circumstances): Cause {
  if (Number.isNaN(sums[neuron] ?? NaN)) return causeOfSum(values, weights);
  if (elementwise) return { kind: "function" };
  const other = Array.from(sums).findIndex((z) => Number.isNaN(z));
  // A softmax takes the largest sum from every other one, and from itself.
  return other >= 0 ? { kind: "sum", neuron: other } : { kind: "difference" };
}

/** A sum of products is none where a factor is none or 0 meets ∞; else two of its terms were ∞ and −∞. */
function causeOfSum(values: ArrayLike<number>, weights: ArrayLike<number>): Cause {
  for (let from = 0; from < values.length; from++) if (Number.isNaN(values[from])) return { kind: "value", from };
  for (let from = 0; from < values.length; from++) {
    if (Math.abs(values[from]!) === Infinity && weights[from] === 0) return { kind: "product" };
  }
  return { kind: "difference" };
}
