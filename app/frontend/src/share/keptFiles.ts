import { reach } from "../studio/reach";
import { SAFETENSORS, type Kept } from "./stored";

/** Files of networks handed over to the server, which says what they hold. */

/** So many kinds are named where a network cannot be drawn. */
const MOST_KINDS = 4;

/** A network whose layers are not a chain of dense ones: it is kept, but the page does not draw it yet. */
export class OtherKinds extends Error {
  readonly kinds: string;

  constructor(layers: readonly { kind: string }[]) {
    super("other kinds of layers");
    this.kinds = [...new Set(layers.map((layer) => layer.kind))].slice(0, MOST_KINDS).join(", ");
  }
}

/** Keeps what a safetensors file holds, or any other file that the server may know. */
export async function keepFile(file: Blob, language: string): Promise<Kept> {
  const headers = { "Content-Type": SAFETENSORS, "Accept-Language": language };
  return await kept(await reach("/api/v1/networks", { method: "POST", headers, body: file }));
}

/** Keeps a document of JSON as it stands in a file, in whatever form the API takes. */
export async function keepDocument(text: string, language: string): Promise<Kept> {
  const headers = { "Content-Type": "application/json", "Accept-Language": language };
  return await kept(await reach("/api/v1/networks", { method: "POST", headers, body: text }));
}

async function kept(answer: Response): Promise<Kept> {
  const found = (await answer.json()) as Omit<Kept, "notes"> | { layers: { kind: string }[] };
  if (!("sizes" in found)) throw new OtherKinds(found.layers);
  // A server before this page's has no notes.
  return { notes: [], ...found };
}
