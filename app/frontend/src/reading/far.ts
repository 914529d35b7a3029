import type { Told } from "./desk.worker";
import { readWithTargets } from "./targets";
import { Unread } from "./words";

type Found = ReturnType<typeof readWithTargets>;

/** Reads a text as readWithTargets does, but in a worker, where there may be one. `stop` gives it up: `found` never comes then. */
export function readFar(...given: Parameters<typeof readWithTargets>): { found: Promise<Found>; stop(): void } {
  let worker: Worker | null = null;
  const stop = (): void => worker?.terminate();
  const found = new Promise<Found>((done) => {
    const here = (): void => (stop(), done(readWithTargets(...given)));
    try {
      worker = new Worker(new URL("./desk.worker.ts", import.meta.url), { type: "module" });
    } catch {
      here();
      return;
    }
    worker.onerror = here;
    worker.onmessage = ({ data }: MessageEvent<Told>) => (stop(), done("read" in data ? data.read : new Unread(data.code, data.values)));
    worker.postMessage(given);
  });
  return { found, stop };
}
