import type { Pass } from "../live/frames";
import { layerDocuments } from "../model/document";
import { layerIndex } from "../model/numbering";
import type { StudioState } from "../model/types";
import { passOfTrace, type TraceDocument } from "../studio/data";
import { post } from "../studio/draws";
import type { Pinned } from "./comparison.svelte";

/** The server's pass over a state, of its own, so that none of an earlier state can slip in. */
export async function passOf({ layers, inputs }: StudioState, language: string): Promise<Pass> {
  const answer = await post("/api/v1/forward", { layers: layerDocuments(layers), inputs }, language);
  return passOfTrace((await answer.json()) as TraceDocument, inputs);
}

/** The terms x·w of a pinned neuron's sum, its layer counted from 1, as the server multiplies them: of that sum alone, over the pinned pass. */
export async function termsOf({ state, pass }: Pinned, { layer, neuron }: { layer: number; neuron: number }, language: string): Promise<Float32Array> {
  const k = layerIndex(layer);
  const { weights, biases } = state.layers[k]!;
  const sum = { weights: weights.map((row) => [row[neuron]!]), biases: [biases[neuron]!], activation: "identity" };
  const inputs = pass.arrays.get(k === 0 ? "inputs" : `layers.${k - 1}.activations`)!;
  const answer = await post("/api/v1/explain", { layers: [sum], inputs: [...inputs], gradients: false }, language);
  const { neurons } = (await answer.json()) as { neurons: { terms: { contribution: number | null }[] }[] };
  return Float32Array.from(neurons[0]!.terms, ({ contribution }) => contribution ?? NaN);
}
