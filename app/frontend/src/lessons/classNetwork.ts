import type { PresetDocument, TraceDocument } from "../studio/data";
import type { ProblemDocument } from "../live/protocol";
import type { AssignedNetwork } from "./assignment";

interface ForwardLayer {
  name: string | null;
  activation: string;
  activations: number[];
}

/** A network that a link names, with the server's trace of it. Throws with the server's words where it refuses. */
export async function openNetwork(
  assigned: AssignedNetwork,
  language: string,
): Promise<{ preset: PresetDocument; trace: TraceDocument }> {
  if ("network" in assigned) {
    const preset = await asked<PresetDocument>(`/api/v1/presets/${encodeURIComponent(assigned.network)}`, language);
    const body = { network: assigned.network, inputs: preset.inputs };
    return { preset, trace: await asked<TraceDocument>("/api/v1/forward", language, body) };
  }
  const body = { layers: assigned.layers, inputs: assigned.inputs };
  const trace = await asked<TraceDocument & { layers: ForwardLayer[] }>("/api/v1/forward", language, body);
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
    input_names: assigned.inputs.map((_, i) => `x${i + 1}`),
    input_ranges: assigned.inputs.map(() => [-3, 3]),
    input_units: assigned.inputs.map(() => null),
    output_names: trace.layers[last]!.activations.map((_, j, all) => (all.length === 1 ? "y" : `y${j + 1}`)),
  };
  return { preset, trace };
}

async function asked<T>(address: string, language: string, body?: object): Promise<T> {
  const headers = { "Accept-Language": language, "Content-Type": "application/json" };
  const answer = await fetch(address, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  if (!answer.ok) {
    const problem = (await answer.json().catch(() => null)) as ProblemDocument | null;
    throw new Error(problem?.detail ?? problem?.title ?? answer.statusText);
  }
  return (await answer.json()) as T;
}
