/**
 * The neuron of another network that one is compared with, where shapes differ: inputs with inputs, outputs with outputs,
 * hidden layers from the first on. Layers count as in the diagram. Null where there is none.
 */
export function counterpart(
  layer: number,
  neuron: number,
  sizes: readonly number[],
  others: readonly number[],
): { layer: number; neuron: number } | null {
  const last = sizes.length - 1;
  const lastOther = others.length - 1;
  const other = layer === last ? lastOther : layer;
  if (layer !== last && layer !== 0 && other >= lastOther) return null;
  return neuron < (others[other] ?? 0) ? { layer: other, neuron } : null;
}
