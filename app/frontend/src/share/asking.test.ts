import { expect, test } from "vitest";

import type { Notices } from "../studio/notices.svelte";
import { openAsked } from "./asking";
import type { Opened } from "./opened.svelte";

test("why a file was refused is said until the next one comes, whatever becomes of that", async () => {
  const notices = { problem: null as string | null, clear: () => (notices.problem = null) };
  const told = { t: (key: string) => key, notices: notices as unknown as Notices };
  const opened = { begin: () => undefined } as unknown as Opened;
  await openAsked(told, opened, new File([], "bad.json"), () => Promise.reject(new Error("no network")));
  expect(notices.problem).toBe("studio.open-failed");
  // Rows that are offered change nothing of the network, and say nothing in the status line.
  await openAsked(told, opened, new File([], "rows.csv"), () => Promise.resolve());
  expect(notices.problem).toBeNull();
});
