import { reach } from "../studio/reach";
import { SAFETENSORS, type Kept } from "./stored";

/** Files of networks handed over to the server, which says what they hold. */

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
  // A server before this page's has no notes.
  return { notes: [], ...((await answer.json()) as Omit<Kept, "notes">) };
}
