import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** The page as the server sends it where it asks for keys: as much of it as the module looks at. */
function page(keysFor: string | null) {
  const items = new Map<string, string>();
  const refused = { hidden: true };
  const field = { value: "" };
  const listeners: Record<string, (event: { preventDefault(): void }) => void> = {};
  const reload = vi.fn();
  const dialog = {
    open: false,
    dataset: { for: keysFor },
    showModal: () => (dialog.open = true),
    close: () => (dialog.open = false),
    querySelector: (what: string) =>
      what === ".refused" ? refused : what === "input" ? field : { addEventListener: (name: string, done: (typeof listeners)[string]) => (listeners[`${what} ${name}`] = done) },
  };
  vi.stubGlobal("document", { querySelector: () => (keysFor ? dialog : null), documentElement: { dataset: {} } });
  vi.stubGlobal("window", {
    sessionStorage: { getItem: (name: string) => items.get(name) ?? null, setItem: (name: string, value: string) => items.set(name, value), removeItem: (name: string) => items.delete(name) },
  });
  vi.stubGlobal("location", { reload });
  const enter = (key: string): void => {
    field.value = key;
    listeners["form submit"]!({ preventDefault: () => undefined });
  };
  return { dialog, refused, items, enter, reload };
}

function server(status: number): Headers[] {
  const asked: Headers[] = [];
  vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
    asked.push(new Headers(init.headers));
    return new Response(null, { status });
  });
  return asked;
}

beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

test("where no keys are asked for, nothing is said and nothing is asked", async () => {
  page(null);
  const asked = server(401);
  const { fetchWithKey, keyProtocols } = await import("./key");
  await fetchWithKey("/api/v1/device", { headers: { Accept: "text/plain" } });
  expect([...asked[0]!]).toEqual([["accept", "text/plain"]]);
  expect(keyProtocols()).toEqual([]);
});

test("a refused request opens the dialog, and what is entered goes with the next", async () => {
  const { dialog, refused, items, enter, reload } = page("writes");
  const asked = server(401);
  const { fetchWithKey, keyProtocols } = await import("./key");
  expect(dialog.open).toBe(false);
  await fetchWithKey("/api/v1/networks", { method: "POST" });
  expect([dialog.open, refused.hidden]).toEqual([true, true]);
  enter("  ");
  expect(dialog.open).toBe(true);
  enter(" secret ");
  expect([dialog.open, items.get("adelante.key"), reload.mock.calls.length]).toEqual([false, "secret", 0]);
  expect(keyProtocols()).toEqual(["adelante", "adelante.key.secret"]);
  await fetchWithKey("/api/v1/networks", { method: "POST" });
  expect(asked[1]!.get("authorization")).toBe("Bearer secret");
  // It did not do: it is forgotten, and that is said.
  expect([dialog.open, refused.hidden, items.size]).toEqual([true, false, 0]);
});

test("where everything needs a key, the page asks at once and begins anew with it", async () => {
  const { dialog, enter, reload } = page("everything");
  await import("./key");
  expect(dialog.open).toBe(true);
  enter("secret");
  expect(reload).toHaveBeenCalledOnce();
});

test("a key entered while a request without one is on its way stays", async () => {
  const { dialog, items, enter } = page("everything");
  let answer = (_: Response): void => undefined;
  vi.stubGlobal("fetch", () => new Promise<Response>((resolve) => (answer = resolve)));
  const { fetchWithKey } = await import("./key");
  const early = fetchWithKey("/api/v1/live");
  enter("secret");
  answer(new Response(null, { status: 401 }));
  await early;
  expect([dialog.open, items.get("adelante.key")]).toEqual([false, "secret"]);
});
