import type { Layer, StudioState } from "./types";

/** One change of one number or activation. `layer` counts from 0: the first layer after the inputs. */

export function setInput(state: StudioState, index: number, value: number): StudioState {
  return { ...state, inputs: replaced(state.inputs, index, value) };
}

/** Every input at once; as many as there are. */
export function setInputs(state: StudioState, values: readonly number[]): StudioState {
  if (values.length !== state.inputs.length) throw new RangeError(`${values.length} values for ${state.inputs.length} inputs`);
  return { ...state, inputs: values.slice() };
}

export function setWeight(state: StudioState, layer: number, from: number, to: number, value: number): StudioState {
  return withLayer(state, layer, (before) => ({
    ...before,
    weights: replaced(before.weights, from, replaced(before.weights[from] ?? [], to, value)),
  }));
}

export function setBias(state: StudioState, layer: number, neuron: number, value: number): StudioState {
  return withLayer(state, layer, (before) => ({ ...before, biases: replaced(before.biases, neuron, value) }));
}

export function setActivation(state: StudioState, layer: number, activation: string): StudioState {
  return withLayer(state, layer, (before) => ({ ...before, activation }));
}

function withLayer(state: StudioState, index: number, change: (before: Layer) => Layer): StudioState {
  return { ...state, layers: state.layers.map((layer, k) => (k === index ? change(layer) : layer)) };
}

function replaced<T>(items: readonly T[], index: number, item: T): T[] {
  if (index < 0 || index >= items.length) throw new RangeError(`no place ${index} among ${items.length}`);
  const copy = items.slice();
  copy[index] = item;
  return copy;
}
