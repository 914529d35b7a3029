/** The learner's network as plain, immutable data. Edits make a new state that shares what did not change. */

export interface Layer {
  name: string;
  activation: string;
  /** (n_in, n_out): one row for each neuron before, one column for each of this layer. */
  weights: number[][];
  biases: number[];
  neuronNames?: string[];
}

export interface StudioState {
  preset: string | null;
  inputs: number[];
  inputNames: string[];
  inputRanges: [number, number][];
  outputNames: string[];
  layers: Layer[];
  seed: number;
}
