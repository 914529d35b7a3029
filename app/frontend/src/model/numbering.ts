import type { Layer } from "./types";

/**
 * Layers are counted in two ways. The diagram counts columns: 0 is the inputs, 1 the first layer. States, files and the server count
 * layers: 0 is the first. `layer` is the diagram's number everywhere but in the edits of states and in what the server is told, and here
 * one becomes the other. Elsewhere `layer - 1` is the column before.
 */
export const layerIndex = (layer: number): number => layer - 1;

/** A layer by the diagram's number; undefined for the inputs, which have no parameters. */
export const layerIn = (layers: readonly Layer[], layer: number): Layer | undefined => layers[layerIndex(layer)];
