import { inputsNamed, outputsNamed } from "../model/naming";
import type { StudioState } from "../model/types";
import { reach } from "../studio/reach";

interface Drawn {
  layers: { weights: number[][]; biases: number[]; activation: string }[];
  inputs: number[];
  seed: number;
}

/** A network of these sizes from torch's generator, features first, as the notebook draws it. Throws with the server's words, or NoAnswer. */
export async function drawAsNotebook(sizes: readonly number[], seed: string, language: string): Promise<StudioState> {
  // The seed goes as it was typed: torch takes whole numbers that JavaScript's numbers can't hold.
  const body = `{"sizes": ${JSON.stringify(sizes)}, "seed": ${seed}, "order": "weights-first", "inputs": true}`;
  const headers = { "Content-Type": "application/json", "Accept-Language": language };
  const answer = await reach("/api/v1/random", { method: "POST", headers, body });
  const drawn = (await answer.json()) as Drawn;
  const last = drawn.layers.length - 1;
  return {
    preset: null,
    inputs: drawn.inputs,
    inputNames: inputsNamed(drawn.inputs.length),
    inputRanges: drawn.inputs.map(() => [-3, 3]),
    outputNames: outputsNamed([], drawn.layers[last]!.biases.length),
    layers: drawn.layers.map((layer, k) => ({ ...layer, name: k === last ? "output" : "hidden" })),
    seed: drawn.seed,
  };
}
