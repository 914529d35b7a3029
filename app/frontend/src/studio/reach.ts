import type { ProblemDocument } from "../live/protocol";
import type { Translate } from "../text/messages";

/** The server did not answer at all. */
export class NoAnswer extends Error {}

/** As fetch, but throws NoAnswer for a server that cannot be reached, and an error with the problem's own words where it refuses. */
export async function reach(address: string, init: RequestInit): Promise<Response> {
  const answer = await fetch(address, init).catch(() => {
    throw new NoAnswer(address);
  });
  if (!answer.ok) throw new Error(await problemText(answer));
  return answer;
}

/** What a refusal says: the first fault, or the problem as a whole. */
async function problemText(answer: Response): Promise<string> {
  const problem = (await answer.json().catch(() => null)) as ProblemDocument | null;
  return problem?.errors?.[0]?.detail ?? problem?.detail ?? problem?.title ?? answer.statusText;
}

/** Why something failed, in the page's language. */
export function reasonOf(error: unknown, t: Translate): string {
  if (error instanceof NoAnswer) return t("studio.no-answer");
  return error instanceof Error ? error.message : String(error);
}
