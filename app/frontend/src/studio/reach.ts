import type { ProblemDocument } from "../live/protocol";
import type { Translate } from "../text/messages";
import { fetchWithKey } from "../key";
import { at } from "../root";

/** The server did not answer at all. */
export class NoAnswer extends Error {}

/** As fetch of an address of the product (/api/v1/forward), but throws NoAnswer for a server that cannot be reached, and an error with the problem's own words where it refuses. */
export async function reach(address: string, init: RequestInit): Promise<Response> {
  const answer = await fetchWithKey(at(address), init).catch(() => {
    throw new NoAnswer(address);
  });
  return await accepted(answer);
}

/** The answer, where it is a good one. Throws with the problem's own words where it refuses. */
export async function accepted(answer: Response): Promise<Response> {
  if (!answer.ok) throw new Refused(answer.status, ...(await problemText(answer)));
  return answer;
}

/** What a file leaves open: the layer as it stands there, (n_in, n_out), and to which of several heads it belongs. */
export interface AskedLayer {
  name: string;
  kind: string;
  shape: [number, number];
  head: string | null;
}

/** A question that a file leaves open; each option is an answer, the likely one first. */
export interface Question {
  name: "order" | "head" | "activation" | "sizes";
  options: (string | string[] | Readonly<Record<string, number>>)[];
  layers: AskedLayer[];
}

/** An answer that refuses: in the server's own words, where it is the server's and no proxy's before it. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    words: string | null,
    /** What the words are about, as a JSON pointer into what was sent; empty where they are about all of it. */
    readonly pointer = "",
    /** What would have to be answered for it. */
    readonly choices: readonly Question[] = [],
    /** The server has no such network. */
    readonly gone = false,
  ) {
    super(words ?? "");
  }
}

/** Whether a problem is that the server has no such network. */
export const isGone = ({ type }: Partial<ProblemDocument>): boolean => type?.split("/").at(-1) === "unknown-network";

/** What a refusal says: the first fault, or the problem as a whole; null where it is no problem document. */
async function problemText(answer: Response): Promise<[words: string | null, pointer?: string, choices?: readonly Question[], gone?: boolean]> {
  const problem = (await answer.json().catch(() => null)) as (Partial<ProblemDocument> & { choices?: Question[] }) | null;
  const first = problem?.errors?.[0];
  return first ? [first.detail, first.pointer, problem?.choices, isGone(problem!)] : [problem?.detail ?? problem?.title ?? null];
}

/** What a status means that comes without the server's words, as from a proxy: and what there is to do. */
const BARE: Record<number, string> = {
  401: "studio.status-denied",
  403: "studio.status-denied",
  408: "studio.status-slow",
  413: "studio.status-too-large",
  429: "studio.status-busy",
  502: "studio.status-gateway",
  503: "studio.status-busy",
  504: "studio.status-slow",
};

/** Why something failed, in the page's language. */
export function reasonOf(error: unknown, t: Translate): string {
  if (error instanceof NoAnswer) return t("studio.no-answer");
  if (error instanceof Refused && error.message === "") {
    return t(BARE[error.status] ?? "studio.status-other", { status: error.status });
  }
  if (error instanceof Refused && error.gone) return t("studio.network-gone");
  return error instanceof Error ? error.message : String(error);
}
