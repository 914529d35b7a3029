import { expect, test } from "vitest";

import { refusalOf } from "./refusal";

const PAGE = "https://nn.school.example";

function server(status: number, type: string, kind = "application/problem+json"): { asked: string[]; ask: typeof fetch } {
  const asked: string[] = [];
  const ask = async (address: RequestInfo | URL): Promise<Response> => {
    asked.push(String(address));
    return new Response(JSON.stringify({ type, title: "title", detail: "why" }), { status, headers: { "Content-Type": kind } });
  };
  return { asked, ask: ask as typeof fetch };
}

test.each([
  [403, "/problems/origin-not-allowed"],
  [421, "/problems/unknown-host"],
  [503, "/problems/busy"],
])("a refused socket is told in the server's words: %i", async (status, type) => {
  const { asked, ask } = server(status, type);
  expect(await refusalOf(1, "en", PAGE, ask)).toBe("why");
  expect(asked).toEqual(["/api/v1/live?origin=https%3A%2F%2Fnn.school.example"]);
});

test("a proxy that passes no Upgrade is told once two sockets have failed", async () => {
  const { ask } = server(426, "/problems/upgrade-required");
  expect(await refusalOf(1, "en", PAGE, ask)).toBeNull();
  expect(await refusalOf(2, "en", PAGE, ask)).toBe("why");
});

test.each([
  ["another's answer", server(502, "", "text/html").ask],
  ["an answer that is no problem of the socket's", server(404, "/problems/not-found").ask],
  ["no answer", (() => Promise.reject(new TypeError("failed"))) as typeof fetch],
])("%s gives no reason", async (_, ask) => {
  expect(await refusalOf(2, "en", PAGE, ask)).toBeNull();
});
