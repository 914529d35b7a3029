import { checkedState } from "../model/checked";
import { layerDocuments, type LayerDocument } from "../model/document";
import { isDrawable, stateIsDrawable } from "../model/drawable";
import { inputsNamed } from "../model/naming";
import type { StudioState } from "../model/types";
import { post } from "../studio/draws";
import type { Kind } from "./kinds";
import { keepDocument, keepFile, type Way } from "./keptFiles";
import { fetchLayers, keptAs, type FileNote, type Kept } from "./stored";

/** Networks as files. The JSON is the API's own {"layers", "inputs"}, with the studio's names and ranges beside them. */

export interface NetworkFile {
  layers: (LayerDocument & { neuron_names?: string[] })[];
  inputs: number[];
  input_names: string[];
  input_ranges: [number, number][];
  output_names: string[];
  seed: number;
}

export function fileOf(state: StudioState): NetworkFile {
  return {
    layers: layerDocuments(state.layers).map((layer, k) => {
      const { neuronNames } = state.layers[k]!;
      return { ...layer, ...(neuronNames && { neuron_names: neuronNames }) };
    }),
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

/** A network that was read, and what the server decided for its file; or one that it kept, and that another page draws. */
export type Opening = { state: StudioState; notes: readonly FileNote[] } | { kept: Kept; inputs: unknown };

/**
 * Reads a network that was chosen or dropped: this studio's JSON, a body of the API (`layers` and, if they are there, `inputs`),
 * or what else the server knows. Throws with the server's own words where it is refused.
 */
export async function readNetwork(file: File, kind: Kind, language: string, way: Way = {}): Promise<Opening> {
  if (kind !== "json") return await openKept(await keepFile(file, language, way), undefined, language);
  const text = (await file.text()).replace(/^\uFEFF/, "");
  let document: { layers?: unknown; inputs?: unknown } | null;
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    // The server says in which line and column.
    return await openKept(await keepDocument(text, language), undefined, language);
  }
  const own = stateOfFile(document);
  if (own && stateIsDrawable(own)) return { state: own, notes: [] };
  const layers = document?.layers ?? [];
  const inputs = Array.isArray(document?.inputs) && Array.isArray(document.inputs[0]) ? document.inputs[0] : document?.inputs;
  // The server judges what it would be asked to compute, and says what is wrong in its own words.
  const chain = Array.isArray(layers) && layers.every((layer) => (layer as LayerDocument & { kind?: string }).kind === undefined);
  if (inputs !== undefined && chain) await post("/api/v1/forward", { layers, inputs, return: "outputs" }, language);
  const { input, outputs, dtype } = (document ?? {}) as Record<string, unknown>;
  const network = chain ? { layers } : { input, layers, outputs, dtype };
  return await openKept(await keepDocument(JSON.stringify(network), language), inputs, language);
}

/** The state of a network that the server keeps, with these inputs, or zeros; itself where the page for all kinds draws it. */
export async function openKept(kept: Kept, inputs: unknown, language: string): Promise<Opening> {
  if (!kept.sizes || !isDrawable(kept.sizes)) return { kept, inputs };
  const layers = (await fetchLayers(kept.id, language)) as {
    name?: string | null;
    activation: string;
    weights: number[][];
    biases: number[];
  }[];
  const width = layers[0]?.weights.length ?? 0;
  const state = checkedState({
    preset: null,
    inputs: inputs ?? Array.from({ length: width }, () => 0),
    inputNames: inputsNamed(width),
    inputRanges: Array.from({ length: width }, () => [-3, 3]),
    outputNames: [],
    layers: layers.map((layer) => ({ ...layer, name: layer.name ?? "" })),
    seed: 0,
  });
  // More layers than a state of the page may have.
  if (!state) return { kept, inputs };
  // What is computed live is float32, and what is kept otherwise would be another network.
  if (kept.dtype === "float32") keptAs.set(state.layers, kept.id);
  return { state, notes: kept.notes };
}

/** Hands a file to the browser's downloads. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
