import { afterEach, expect, test, vi } from "vitest";

import { NoAnswer, reach, reasonOf } from "./reach";

afterEach(() => vi.unstubAllGlobals());

const t = (key: string, values: Readonly<Record<string, unknown>> = {}): string => `${key} ${JSON.stringify(values)}`;

async function reasonFor(answer: Response): Promise<string> {
  vi.stubGlobal("fetch", () => Promise.resolve(answer));
  return await reach("/api/v1/networks", {}).then(
    () => "no refusal",
    (error: unknown) => reasonOf(error, t),
  );
}

test.each([
  [413, "studio.status-too-large"],
  [502, "studio.status-gateway"],
  [504, "studio.status-slow"],
  [503, "studio.status-busy"],
  [418, "studio.status-other"],
])("a proxy's page with status %i and no reason phrase becomes a sentence", async (status, key) => {
  const page = new Response("<html><h1>nginx</h1></html>", { status, statusText: "" });
  expect(await reasonFor(page)).toBe(`${key} {"status":${status}}`);
});

test("a JSON that is no problem document is no reason either", async () => {
  expect(await reasonFor(new Response("{}", { status: 502 }))).toBe('studio.status-gateway {"status":502}');
  expect(await reasonFor(new Response("null", { status: 502 }))).toBe('studio.status-gateway {"status":502}');
});

test("the server's own words stand", async () => {
  const body = JSON.stringify({ title: "Too large", detail: "At most 1 MB.", errors: [{ pointer: "", detail: "Raise the limit." }] });
  expect(await reasonFor(new Response(body, { status: 413 }))).toBe("Raise the limit.");
});

test("a network that was deleted meanwhile: what to do, and no list of presets", async () => {
  const body = JSON.stringify({ type: "/problems/unknown-network", title: "Unknown network", errors: [{ pointer: "/network", detail: "There is no network 05aa. Presets: …" }] });
  expect(await reasonFor(new Response(body, { status: 404 }))).toBe("studio.network-gone {}");
});

test("no answer at all", () => expect(reasonOf(new NoAnswer("x"), t)).toBe("studio.no-answer {}"));
