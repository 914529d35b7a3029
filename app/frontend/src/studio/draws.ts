import type { Next } from "../model/structure";
import type { Layer, StudioState } from "../model/types";
import { reach } from "./reach";

/** Seeded numbers: torch's own generator draws them, on the server, so a seed means what it means in a notebook. */

export interface DrawnNetwork {
  layers: Pick<Layer, "weights" | "biases">[];
  inputs?: number[];
}

/** The largest seed whose digits a JavaScript number holds. */
export const LARGEST_SEED = Number.MAX_SAFE_INTEGER;

/** POST JSON; gives the answer. Throws with the problem's own words, or NoAnswer. */
export async function post(path: string, body: object, language: string): Promise<Response> {
  const headers = { "Content-Type": "application/json", "Accept-Language": language };
  return await reach(path, { method: "POST", headers, body: JSON.stringify(body) });
}

/** A network of these sizes. With `inputs`, features are drawn first and weights before biases, as in the notebook. */
export async function drawNetwork(sizes: number[], seed: number, inputs: boolean, language: string): Promise<DrawnNetwork> {
  const order = inputs ? "weights-first" : "layerwise";
  const answer = await post("/api/v1/random", { sizes, seed, order, inputs, activation: "identity" }, language);
  return (await answer.json()) as DrawnNetwork;
}

/**
 * Makes a step that needs new numbers: counts them, has them drawn, and takes them one by one. Should the network change
 * meanwhile so that the step needs another count, it is drawn again.
 */
export async function withDraws(step: (next: Next) => StudioState, seed: number, language: string): Promise<StudioState> {
  for (let drawn: number[] = []; ; ) {
    const count = countOf(step);
    if (count === drawn.length) {
      let taken = 0;
      return step(() => drawn[taken++]!);
    }
    const network = await drawNetwork([count, 1], seed, false, language);
    drawn = network.layers[0]!.weights.map((row) => row[0]!);
  }
}

function countOf(step: (next: Next) => StudioState): number {
  let count = 0;
  step(() => (count++, 0));
  return count;
}
