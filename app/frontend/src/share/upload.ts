import { NoAnswer } from "../studio/reach";
import { send, Stopped, type Watched } from "./request";

/**
 * A file that goes on from where it was after the line broke: draft-ietf-httpbis-resumable-upload, the server's part of which is
 * app/api/http/uploads.py.
 */

/** How long to wait before the next try, as long as none brings the file any further; after the last one the sender is told. */
const WAITS_MS = [1000, 2000, 4000];
const PARTIAL = { "Content-Type": "application/partial-upload", "Upload-Complete": "?1" };

interface Upload {
  address: string;
  location: string;
}

/** Those whose sending broke off for good: sent again, they go on. */
const begun = new WeakMap<Blob, Upload>();

/** The answer of the address to the whole file; null where the server takes no parts, or not now. Throws NoAnswer, or Stopped. */
export async function sendInParts(address: string, headers: Record<string, string>, file: Blob, watched: Watched): Promise<Response | null> {
  let [tries, furthest] = [0, -1];
  for (;;) {
    try {
      const offset = await offsetOf(address, headers, file, watched);
      if (offset === null) return null;
      if (offset > furthest) [tries, furthest] = [0, offset];
      const answer = await rest(file, offset, watched);
      if (answer.headers.get("Upload-Complete") === "?1") return ended(file, answer);
      if (answer.status !== 409 && answer.status !== 404) return ended(file, null);
      // Another try tells where it is now, or begins anew.
      if (tries++ > WAITS_MS.length) return ended(file, null);
    } catch (error) {
      if (error instanceof Stopped) giveUp(file);
      const wait = WAITS_MS[tries++];
      if (!(error instanceof NoAnswer) || wait === undefined) throw error;
      watched.onbreak?.();
      await pause(wait, file, watched.signal);
    }
  }
}

function ended<T>(file: Blob, answer: T): T {
  begun.delete(file);
  return answer;
}

/** How much of the file the server has, once it knows of it; null where it takes no parts. */
async function offsetOf(address: string, headers: Record<string, string>, file: Blob, { signal }: Watched): Promise<number | null> {
  const before = begun.get(file);
  if (before?.address === address) {
    const told = await send("HEAD", before.location, {}, null, { signal });
    if (told.status === 204) return Number(told.headers.get("Upload-Offset"));
    if (told.status >= 500) throw new NoAnswer(address);
  }
  const answer = await send("POST", address, { ...headers, "Upload-Complete": "?0", "Upload-Length": String(file.size) }, null, { signal });
  const location = answer.headers.get("Location");
  if (answer.status !== 201 || location === null || answer.headers.get("Upload-Complete") !== "?0") return null;
  begun.set(file, { address, location });
  return 0;
}

/** The answer to the bytes from `offset` on. Throws NoAnswer also where the server waited for them in vain. */
async function rest(file: Blob, offset: number, { onshare, signal }: Watched): Promise<Response> {
  const { location } = begun.get(file) as Upload;
  const share = (part: number): void => onshare?.((offset + part * (file.size - offset)) / file.size);
  const answer = await send("PATCH", location, { ...PARTIAL, "Upload-Offset": String(offset) }, file.slice(offset), { onshare: share, signal });
  const again = answer.status === 408 || answer.status >= 500;
  if (again && answer.headers.get("Upload-Complete") !== "?1") throw new NoAnswer(location);
  return answer;
}

/** The server need not keep it. */
function giveUp(file: Blob): void {
  const upload = begun.get(file);
  begun.delete(file);
  if (upload) void send("DELETE", upload.location, {}, null).catch(() => null);
}

async function pause(wait: number, file: Blob, signal?: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, wait);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      giveUp(file);
      reject(new Stopped());
    });
  });
}
