import { post } from "../studio/draws";
import { reach } from "../studio/reach";
import type { StudioState } from "../model/types";

/** Networks kept by the server, named by the hash of their content. */

export const SAFETENSORS = "application/vnd.safetensors";

const layersOf = (state: StudioState): object[] =>
  state.layers.map(({ name, weights, biases, activation }) => ({ name, weights, biases, activation }));

/** Keeps a state's network on the server; gives its id. Throws with the server's own words. */
export async function keepNetwork(state: StudioState, language: string): Promise<string> {
  return await idOf(await post("/api/v1/networks", { layers: layersOf(state) }, language));
}

/** Keeps what a safetensors file holds; gives its id. */
export async function keepFile(file: Blob, language: string): Promise<string> {
  const headers = { "Content-Type": SAFETENSORS, "Accept-Language": language };
  const answer = await reach("/api/v1/networks", { method: "POST", headers, body: file });
  return await idOf(answer);
}

/** Keeps JSON layers as they stand in a file, in whatever form the API takes; gives the id. */
export async function keepLayers(layers: unknown, language: string): Promise<string> {
  return await idOf(await post("/api/v1/networks", { layers }, language));
}

/** The layers of a kept network, weights as (n_in, n_out). */
export async function fetchLayers(id: string, language: string): Promise<unknown> {
  const answer = await get(id, "application/json", language);
  return ((await answer.json()) as { layers: unknown }).layers;
}

/** A kept network as a safetensors file. */
export async function fetchFile(id: string, language: string): Promise<Blob> {
  return await (await get(id, SAFETENSORS, language)).blob();
}

async function get(id: string, accept: string, language: string): Promise<Response> {
  const headers = { Accept: accept, "Accept-Language": language };
  return await reach(`/api/v1/networks/${encodeURIComponent(id)}`, { headers });
}

async function idOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { id: string }).id;
}
