import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { additions } from "../layers/operations";
import { changed, remade } from "./recipes";

/** A server that keeps networks under what they were made of, as the real one does under their contents. */
let kept: Set<string>;
let asked: string[];

const json = (status: number, body: object): Response => new Response(JSON.stringify(body), { status });

beforeEach(() => {
  kept = new Set(["preset"]);
  asked = [];
  vi.stubGlobal("fetch", (address: string, { body }: { body?: string }) => {
    const from = decodeURIComponent(address.split("/").at(-2)!);
    asked.push(from);
    if (!kept.has(from)) return Promise.resolve(json(404, { type: "/problems/unknown-network", title: "", errors: [{ pointer: "", detail: "gone" }] }));
    if (body === undefined) return Promise.resolve(json(200, { additions: [{ kind: "gelu" }] }));
    const { changes, seed } = JSON.parse(body) as { changes: unknown[]; seed: number };
    const id = `${from}+${JSON.stringify(changes)}${seed}`;
    kept.add(id);
    return Promise.resolve(json(201, { id }));
  });
});
afterEach(() => vi.unstubAllGlobals());

test("what was lost is made again from the last network that is still there, and the change goes on", async () => {
  const one = await changed("preset", [{ remove: 1 }], 1, "en");
  const two = await changed(one, [{ remove: 2 }], 2, "en");
  kept = new Set(["preset", one]);
  asked = [];
  const three = await changed(two, [{ remove: 3 }], 3, "en");
  expect(asked).toEqual([two, one, two]);
  kept = new Set(["preset"]);
  expect(await remade(three, "en")).toBe(true);
  expect(kept).toContain(two);
});

test("what fits into a lost network is told of it made again", async () => {
  const one = await changed("preset", [{ remove: 7 }], 1, "en");
  kept = new Set(["preset"]);
  expect(await additions(one, { after: 0 }, "en")).toEqual([{ kind: "gelu" }]);
});

test("of what nobody here knows how it was made the server's own words are told", async () => {
  expect(await remade("unknown", "en")).toBe(false);
  await expect(changed("unknown", [], 0, "en")).rejects.toMatchObject({ message: "gone", gone: true });
  const one = await changed("preset", [{ remove: 9 }], 0, "en");
  kept = new Set();
  expect(await remade(one, "en")).toBe(false);
});

test("a way that leads back is gone once", async () => {
  const one = await changed("preset", [{ remove: 5 }], 0, "en");
  // The same network once more, made of what was made of it.
  vi.stubGlobal("fetch", () => Promise.resolve(json(201, { id: one })));
  await changed(`${one}+`, [{ add: 1 }], 0, "en");
  vi.stubGlobal("fetch", () => Promise.resolve(json(404, { type: "/problems/unknown-network", title: "", errors: [{ pointer: "", detail: "gone" }] })));
  expect(await remade(one, "en")).toBe(false);
});

test("the browser keeps the newest recipes that there is room for, and one without room pushes out no other", async () => {
  const items = new Map<string, string>();
  vi.stubGlobal("window", { localStorage: { getItem: (key: string) => items.get(key) ?? null, setItem: (key: string, text: string) => items.set(key, text) } });
  const recipes = (): string[] => (JSON.parse([...items.values()][0] ?? "[]") as { seed: number }[]).map(({ seed }) => String(seed));
  const large = (characters: number): object[] => [{ add: { name: "n".repeat(characters) } }];
  await changed("preset", large(10), 101, "en");
  await changed("preset", large(600_000), 102, "en");
  expect(recipes()).toEqual(["101"]);
  // Its own id is as long again.
  for (const seed of [103, 104, 105]) await changed("preset", large(100_000), seed, "en");
  expect(recipes()).toEqual(["104", "105"]);
  expect([...items.values()][0]!.length).toBeLessThanOrEqual(500_000);
});
