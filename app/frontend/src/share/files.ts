import { checkedState } from "../model/checked";
import type { StudioState } from "../model/types";
import { post } from "../studio/draws";
import { fetchLayers, keepFile, keepLayers } from "./stored";

/** Networks as files. The JSON is the API's own {"layers", "inputs"}, with the studio's names and ranges beside them. */

export interface NetworkFile {
  layers: { name: string; activation: string; weights: number[][]; biases: number[]; neuron_names?: string[] }[];
  inputs: number[];
  input_names: string[];
  input_ranges: [number, number][];
  output_names: string[];
  seed: number;
}

export function fileOf(state: StudioState): NetworkFile {
  return {
    layers: state.layers.map(({ name, activation, weights, biases, neuronNames }) => ({
      name,
      activation,
      weights,
      biases,
      ...(neuronNames && { neuron_names: neuronNames }),
    })),
    inputs: state.inputs,
    input_names: state.inputNames,
    input_ranges: state.inputRanges,
    output_names: state.outputNames,
    seed: state.seed,
  };
}

/** The state that a file of this studio holds, digit for digit; null for any other document. */
export function stateOfFile(document: unknown): StudioState | null {
  const file = document as Partial<NetworkFile> | null;
  if (!file || !Array.isArray(file.layers) || !Array.isArray(file.input_names)) return null;
  return checkedState({
    preset: null,
    inputs: file.inputs,
    inputNames: file.input_names,
    inputRanges: file.input_ranges,
    outputNames: file.output_names,
    layers: file.layers.map((layer) => ({ ...layer, neuronNames: layer?.neuron_names })),
    seed: file.seed,
  });
}

/**
 * Reads a file that was chosen or dropped: this studio's JSON, a body of the API (`layers` and, if they are there, `inputs`), or
 * safetensors. Throws with the server's own words where it is refused.
 */
export async function readNetwork(file: File, language: string): Promise<StudioState> {
  if (/\.safetensors$/i.test(file.name)) return await stored(await keepFile(file, language), null, language);
  const document = JSON.parse(await file.text()) as { layers?: unknown; inputs?: unknown } | null;
  const own = stateOfFile(document);
  if (own) return own;
  const layers = document?.layers;
  const inputs = Array.isArray(document?.inputs) && Array.isArray(document.inputs[0]) ? document.inputs[0] : document?.inputs;
  // The server judges what it would be asked to compute, and says what is wrong in its own words.
  if (inputs !== undefined) await post("/api/v1/forward", { layers, inputs, return: "outputs" }, language);
  return await stored(await keepLayers(layers ?? [], language), inputs, language);
}

async function stored(id: string, inputs: unknown, language: string): Promise<StudioState> {
  const layers = (await fetchLayers(id, language)) as { name?: string | null; activation: string; weights: number[][]; biases: number[] }[];
  const width = layers[0]?.weights.length ?? 0;
  const state = checkedState({
    preset: null,
    inputs: inputs ?? Array.from({ length: width }, () => 0),
    inputNames: Array.from({ length: width }, (_, i) => `x${i + 1}`),
    inputRanges: Array.from({ length: width }, () => [-3, 3]),
    outputNames: [],
    layers: layers.map((layer) => ({ ...layer, name: layer.name ?? "" })),
    seed: 0,
  });
  if (!state) throw new Error(id);
  return state;
}

/** Hands a file to the browser's downloads. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
