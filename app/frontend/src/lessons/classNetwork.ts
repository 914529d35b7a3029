import { inputsNamed, outputsNamed } from "../model/naming";
import { fetchPreset, type PresetDocument, type TraceDocument } from "../studio/data";
import { post } from "../studio/draws";
import type { AssignedNetwork } from "./assignment";

interface ForwardLayer {
  name: string | null;
  activation: string;
  activations: number[];
}

/** A network that a link names, with the server's trace of it. Throws with the server's words where it refuses, or NoAnswer. */
export async function openNetwork(
  assigned: AssignedNetwork,
  language: string,
): Promise<{ preset: PresetDocument; trace: TraceDocument }> {
  if ("network" in assigned) {
    const preset = await fetchPreset(assigned.network, language);
    const answer = await post("/api/v1/forward", { network: assigned.network, inputs: preset.inputs }, language);
    return { preset, trace: (await answer.json()) as TraceDocument };
  }
  const answer = await post("/api/v1/forward", { layers: assigned.layers, inputs: assigned.inputs }, language);
  const trace = (await answer.json()) as TraceDocument & { layers: ForwardLayer[] };
  const last = trace.layers.length - 1;
  const preset: PresetDocument = {
    name: "",
    title: "",
    description: "",
    layers: assigned.layers.map((layer, k) => ({
      name: trace.layers[k]!.name ?? (k === last ? "output" : "hidden"),
      weights: layer.weights!.map((row) => [...row]),
      biases: layer.biases ? [...layer.biases] : trace.layers[k]!.activations.map(() => 0),
      activation: trace.layers[k]!.activation,
    })),
    inputs: assigned.inputs,
    input_names: inputsNamed(assigned.inputs.length),
    input_ranges: assigned.inputs.map(() => [-3, 3]),
    input_units: assigned.inputs.map(() => null),
    output_names: outputsNamed([], trace.layers[last]!.activations.length),
  };
  return { preset, trace };
}
