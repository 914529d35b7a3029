/** The learner's network as plain, immutable data. Edits make a new state that shares what did not change. */

export interface Layer {
  name: string;
  activation: string;
  /** (n_in, n_out): one row for each neuron before, one column for each of this layer. */
  weights: number[][];
  biases: number[];
  /** One name for each neuron, "" where it has none of its own. The last layer's names are the state's outputNames. */
  neuronNames?: string[];
}

export interface StudioState {
  /** The preset that these shapes come from; null as soon as a shape is the learner's own. */
  preset: string | null;
  inputs: number[];
  inputNames: string[];
  inputRanges: [number, number][];
  outputNames: string[];
  layers: Layer[];
  /** The seed of the last draw. */
  seed: number;
}

/** A place in the diagram, as in data-neuron="layer.neuron": layer 0 is the inputs, layer k is state.layers[k - 1]. */
export interface NeuronAddress {
  layer: number;
  neuron: number;
}

/** An edge, as in data-edge="layer.from.to": it ends in neuron `to` of `layer`, counted as in NeuronAddress. */
export interface EdgeAddress {
  layer: number;
  from: number;
  to: number;
}

/**
 * A catalog key with what fills its {places}. A number is a value to be printed as the page prints values; counts are strings.
 * A message within a message, and a preset's title, are put into words where they are shown, so none keeps a language.
 */
export interface Message {
  key: string;
  values: Readonly<Record<string, string | number | Message | { preset: string }>>;
}
