import { at } from "../root";
import { accepted } from "../studio/reach";
import { send, type Watched } from "./request";
import { sendInParts } from "./upload";

/** Files on their way to the server: how far they are, and how to stop them. */

export { Stopped, type Watched } from "./request";

/** From so many bytes on a file comes in requests that go on where the line broke. */
const LARGE_BYTES = 1 << 20;

/** As reach, with a file as the body of a POST. Throws Stopped too. */
export async function sendFile(address: string, headers: Record<string, string>, file: Blob, watched: Watched = {}): Promise<Response> {
  const there = at(address);
  const inParts = file.size < LARGE_BYTES ? null : await sendInParts(there, headers, file, watched);
  return await accepted(inParts ?? (await send("POST", there, headers, file, watched)));
}
