/** What is selected or pointed at. Layers count as in the diagram: 0 is the inputs, 1 the first layer. */
export type Part =
  | { kind: "neuron"; layer: number; neuron: number }
  | { kind: "edge"; layer: number; from: number; to: number }
  | { kind: "bias"; layer: number; neuron: number };

export function samePart(a: Part | null, b: Part | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.kind === "edge" && b.kind === "edge") return a.layer === b.layer && a.from === b.from && a.to === b.to;
  if (a.kind === "edge" || b.kind === "edge") return false;
  return a.kind === b.kind && a.layer === b.layer && a.neuron === b.neuron;
}

/** The neuron whose sum a part belongs to: itself, or the one that its edge or bias feeds. */
export function neuronOf(part: Part): { layer: number; neuron: number } {
  return { layer: part.layer, neuron: part.kind === "edge" ? part.to : part.neuron };
}

/** Whether a part exists in a network of these sizes. */
export function exists(part: Part, sizes: readonly number[]): boolean {
  const { layer, neuron } = neuronOf(part);
  if (layer >= sizes.length || neuron >= sizes[layer]!) return false;
  return part.kind !== "edge" || part.from < sizes[layer - 1]!;
}

/** What to look at first: a hidden neuron where there is one, else the output. */
export function firstSelection(sizes: readonly number[]): Part {
  return { kind: "neuron", layer: Math.min(1, sizes.length - 1), neuron: 0 };
}
