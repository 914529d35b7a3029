import { outputName } from "../model/naming";
import type { StudioState } from "../model/types";

/** The name of every neuron by layer, inputs first: x1…, h1… (h2.1 where several layers are hidden), y. */
export function neuronNames(state: StudioState): string[][] {
  const last = state.layers.length - 1;
  return [
    state.inputNames,
    ...state.layers.map((layer, k) =>
      layer.biases.map((_, j) => {
        const given = layer.neuronNames?.[j];
        if (given) return given;
        if (k === last) return state.outputNames[j] ?? outputName(j);
        return last > 1 ? `h${k + 1}.${j + 1}` : `h${j + 1}`;
      }),
    ),
  ];
}
