import { reach } from "../studio/reach";
import { sendFile, type Watched } from "./sending";
import { formOf } from "./together";
import type { Kept } from "./stored";

/** Files of networks handed over to the server, which says what they hold. */

/** What someone decides where a file leaves it open. */
export type Choices = Readonly<Record<string, string | readonly string[] | Readonly<Record<string, number>>>>;

/** How a file is sent: what was chosen for it, who wants to know how far it is, and who may stop it. */
export interface Way extends Watched {
  choices?: Choices;
  /** The file of its numbers, where it has one. */
  beside?: File | null;
}

/** Keeps what a file holds that the server may know. Throws Stopped, NoAnswer, or Refused with the server's words. */
export async function keepFile(file: File, language: string, { choices, beside, ...watched }: Way = {}): Promise<Kept> {
  // Without a kind of its own the server tells it by its content.
  const { type, body } = beside ? await formOf(file, beside) : { type: "application/octet-stream", body: file };
  const headers = { "Content-Type": type, "Accept-Language": language };
  const asked = choices && Object.keys(choices).length > 0 ? `?choices=${encodeURIComponent(JSON.stringify(choices))}` : "";
  return await kept(await sendFile(`/api/v1/networks${asked}`, headers, body, watched));
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
