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

/** Where a part stands after one neuron of its layer was taken away; null where it was that neuron's own. */
export function afterNeuronRemoved(part: Part | null, layer: number, neuron: number): Part | null {
  if (part === null) return null;
  const step = (index: number): number => (index > neuron ? index - 1 : index);
  if (part.kind === "edge") {
    if (part.layer === layer) return part.to === neuron ? null : { ...part, to: step(part.to) };
    if (part.layer === layer + 1) return part.from === neuron ? null : { ...part, from: step(part.from) };
    return part;
  }
  if (part.layer !== layer) return part;
  return part.neuron === neuron ? null : { ...part, neuron: step(part.neuron) };
}

/** Where a part stands after layers were put in (+1) or taken away (−1) at `layer`; null where it was that layer's own. */
export function afterLayers(part: Part | null, layer: number, change: 1 | -1): Part | null {
  if (part === null || part.layer < layer) return part;
  if (change === -1 && part.layer === layer) return null;
  return { ...part, layer: part.layer + change };
}
