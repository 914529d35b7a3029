import { askForKey, keyHeaders } from "../key";
import { accepted, NoAnswer } from "../studio/reach";

/** Files on their way to the server: how far they are, and how to stop them. fetch tells nothing of what it has sent. */

export interface Watched {
  /** Told from 0 to 1 while it is sent. */
  onshare?: (share: number) => void;
  signal?: AbortSignal;
}

/** Who sent it does not want to any more. */
export class Stopped extends Error {}

/** As reach, with a file as the body of a POST. Throws Stopped too. */
export async function sendFile(address: string, headers: Record<string, string>, file: Blob, watched: Watched = {}): Promise<Response> {
  const { onshare, signal } = watched;
  const request = new XMLHttpRequest();
  const done = new Promise<Response>((resolve, reject) => {
    request.open("POST", address);
    for (const [name, value] of Object.entries({ ...headers, ...keyHeaders() })) request.setRequestHeader(name, value);
    request.responseType = "blob";
    request.upload.onprogress = ({ loaded, total }) => onshare?.(total > 0 ? loaded / total : 0);
    request.upload.onload = () => onshare?.(1);
    request.onload = () => {
      if (request.status === 401) askForKey();
      const type = request.getResponseHeader("Content-Type") ?? "";
      resolve(new Response(request.response as Blob, { status: request.status, headers: { "Content-Type": type } }));
    };
    request.onerror = () => reject(new NoAnswer(address));
    request.onabort = () => reject(new Stopped());
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
  return await accepted(await done);
}
