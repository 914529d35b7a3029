/** A long text is read here, so that nothing on the page waits for it. */
import { readWithTargets } from "./targets";
import { Unread } from "./words";

/** An error that crosses over loses what it says. */
export type Told = { read: Exclude<ReturnType<typeof readWithTargets>, Unread> } | { code: string; values: Unread["values"] };

self.onmessage = ({ data }: MessageEvent<Parameters<typeof readWithTargets>>) => {
  const found = readWithTargets(...data);
  const told: Told = found instanceof Unread ? { code: found.code, values: found.values } : { read: found };
  self.postMessage(told);
};
