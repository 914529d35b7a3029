import type { Layer } from "./types";

/** A dense layer as the API writes it: weights (n_in, n_out), biases (n_out,). */
export interface LayerDocument {
  name: string;
  weights: readonly (readonly number[])[];
  biases: readonly number[];
  activation: string;
}

/** Layers as the API takes them: without the names of their neurons, which are the page's own. */
export const layerDocuments = (layers: readonly Layer[]): LayerDocument[] =>
  layers.map(({ name, weights, biases, activation }) => ({ name, weights, biases, activation }));
