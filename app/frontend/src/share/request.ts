import { present } from "../key";
import { NoAnswer } from "../studio/reach";

/** One request that tells how much of its body is sent. fetch tells nothing of that. */

export interface Watched {
  /** Told from 0 to 1 while it is sent. */
  onshare?: (share: number) => void;
  /** The line broke, and sending goes on by itself in a moment. */
  onbreak?: () => void;
  signal?: AbortSignal;
}

/** Who sent it does not want to any more. */
export class Stopped extends Error {}

const TOLD = ["Content-Type", "Location", "Upload-Offset", "Upload-Complete"];
/** Answers without a body, which Response takes with none alone. */
const EMPTY = [204, 304];

/** The answer, whatever it is. Throws NoAnswer, or Stopped. */
export async function send(method: string, address: string, headers: Record<string, string>, body: Blob | null, { onshare, signal }: Watched = {}): Promise<Response> {
  if (signal?.aborted) throw new Stopped();
  const request = new XMLHttpRequest();
  return await new Promise<Response>((resolve, reject) => {
    const key = present();
    request.open(method, address);
    for (const [name, value] of Object.entries({ ...headers, ...key.headers })) request.setRequestHeader(name, value);
    request.responseType = "blob";
    if (onshare) {
      request.upload.onprogress = ({ loaded, total }) => onshare(total > 0 ? loaded / total : 0);
      request.upload.onload = () => onshare(1);
    }
    request.onload = () => {
      if (request.status === 401) key.refused();
      const told = TOLD.flatMap((name) => {
        const value = request.getResponseHeader(name);
        return value === null ? [] : [[name, value] as [string, string]];
      });
      resolve(new Response(EMPTY.includes(request.status) ? null : (request.response as Blob), { status: request.status, headers: told }));
    };
    request.onerror = () => reject(new NoAnswer(address));
    request.onabort = () => reject(new Stopped());
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
