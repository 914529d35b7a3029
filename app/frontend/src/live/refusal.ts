import { fetchWithKey } from "../key";
import { at } from "../root";

/** Why no socket opens, as the server tells it: a browser does not let a page read the answer to a refused socket, so it is asked for. */

/** What the server says of a page whose socket it would not take. */
const REFUSALS = ["/problems/key-needed", "/problems/too-many-requests", "/problems/origin-not-allowed", "/problems/unknown-host", "/problems/busy"];
/** The server's answer to a plain GET where it would take the socket: what failed then failed on the way. */
const UPGRADE = "/problems/upgrade-required";

/**
 * The reason in the server's own words; null where the server is not to be reached, or has no reason to give. `failures`: how many
 * sockets in a row did not open; after one alone the way may have been cut for a moment.
 */
export async function refusalOf(failures: number, language: string, origin: string, ask: typeof fetchWithKey = fetchWithKey): Promise<string | null> {
  try {
    const answer = await ask(at(`/api/v1/live?origin=${encodeURIComponent(origin)}`), {
      headers: { Accept: "application/problem+json", "Accept-Language": language },
      cache: "no-store",
    });
    if (!answer.headers.get("Content-Type")?.startsWith("application/problem+json")) return null;
    const { type, title, detail } = (await answer.json()) as { type: string; title: string; detail?: string };
    const reason = detail ?? title;
    if (REFUSALS.some((each) => type.endsWith(each))) return reason;
    return type.endsWith(UPGRADE) && failures > 1 ? reason : null;
  } catch {
    return null;
  }
}
