import { layerDocuments } from "../model/document";
import type { StudioState } from "../model/types";
import { post } from "../studio/draws";
import { reach } from "../studio/reach";

/** Networks kept by the server, named by the hash of their content. */

export const SAFETENSORS = "application/vnd.safetensors";

/** Of layers that came from a network which the server keeps: its id. They are the network's own as long as they are this object. */
export const keptAs = new WeakMap<object, string>();

/** What was decided for who sent a file: "detail" says it in the page's language. */
export interface FileNote {
  code: string;
  pointers: string[];
  detail: string;
}

/** A network as POST /api/v1/networks describes it. */
export interface Kept {
  id: string;
  /** Of a chain of dense layers. */
  sizes?: number[];
  parameters: number;
  dtype: string;
  notes: FileNote[];
}

/** Keeps a state's network on the server; gives its id. Throws with the server's own words. */
export async function keepNetwork(state: StudioState, language: string): Promise<string> {
  const answer = await post("/api/v1/networks", { layers: layerDocuments(state.layers) }, language);
  return ((await answer.json()) as Kept).id;
}

/** The layers of a kept network, weights as (n_in, n_out). */
export async function fetchLayers(id: string, language: string): Promise<unknown> {
  const answer = await get(id, "application/json", language);
  return ((await answer.json()) as { layers: unknown }).layers;
}

/** A kept network as a file of this type; the query says what else there is to say of it. */
export async function fetchFile(id: string, language: string, type: string, query: Record<string, string>): Promise<Blob> {
  return await (await get(id, type, language, query)).blob();
}

async function get(id: string, accept: string, language: string, query: Record<string, string> = {}): Promise<Response> {
  const headers = { Accept: accept, "Accept-Language": language };
  const asked = new URLSearchParams(query).toString();
  return await reach(`/api/v1/networks/${encodeURIComponent(id)}${asked && `?${asked}`}`, { headers });
}
