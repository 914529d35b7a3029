import type { StudioState } from "./types";

/** How many neurons each layer has, the inputs first. */
export function sizesOf(state: StudioState): number[] {
  return [state.inputs.length, ...state.layers.map((layer) => layer.biases.length)];
}

/** Whether two states hold the same numbers and activations, not copies of them: what was only renamed does. */
export function computeAlike(a: StudioState, b: StudioState): boolean {
  return (
    a.inputs === b.inputs &&
    a.layers.length === b.layers.length &&
    a.layers.every((layer, k) => {
      const other = b.layers[k]!;
      return layer.weights === other.weights && layer.biases === other.biases && layer.activation === other.activation;
    })
  );
}

/** How many weights and biases a state holds. */
export function parametersOf(state: StudioState): number {
  return state.layers.reduce((sum, { weights, biases }) => sum + (weights.length + 1) * biases.length, 0);
}
