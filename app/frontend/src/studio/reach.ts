import type { Translate } from "../text/messages";

/** The server did not answer at all. */
export class NoAnswer extends Error {}

/** As fetch, whose own words for a server that cannot be reached are the browser's and not the page's. */
export async function reach(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, init);
  } catch {
    throw new NoAnswer(address);
  }
}

/** Why something failed, in the page's language. */
export function reasonOf(error: unknown, t: Translate): string {
  if (error instanceof NoAnswer) return t("studio.no-answer");
  return error instanceof Error ? error.message : String(error);
}
