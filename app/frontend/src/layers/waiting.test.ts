import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { begun } from "../model/history";
import { withNumber } from "../world/state";
import type { World } from "../world/world.svelte";
import { edit } from "./editing";

const asked: unknown[] = [];
let whileAsked: () => void = () => undefined;

/** A server that makes what it is asked for; meanwhile something happens on the page. */
async function server(address: string, init: { body?: string }): Promise<Response> {
  if (address.endsWith("/changes")) {
    asked.push((JSON.parse(init.body!) as { changes: unknown }).changes);
    const happens = whileAsked;
    whileAsked = () => undefined;
    happens();
  }
  return Response.json({ id: "made", inputs: [], outputs: [], layers: [], modules: [] });
}

const label = { key: "world.did-add", values: { what: "dense" } };
let world: World;
let become: ReturnType<typeof vi.fn>;
beforeEach(() => {
  vi.stubGlobal("fetch", server);
  asked.length = 0;
  become = vi.fn();
  world = { outline: { id: "here", inputs: [], layers: [] }, tensors: new Map([["w", { name: "w", shape: [2], dtype: "float32" }]]), language: "en", asked: null, selected: null, become } as unknown as World;
  (world as { state: unknown }).state = { outline: world.outline, tensors: new Map() };
  (world as { history: unknown }).history = begun(world.state, label);
});

afterEach(() => vi.unstubAllGlobals());

test("a number that is moved while a layer is asked for is in the network that is made", async () => {
  whileAsked = () => ((world as { state: unknown }).state = withNumber(world.state, { tensor: "w", at: [1] }, [2], 0.5, 0));
  await edit(world, { add: {}, after: 0 }, 0, label);
  expect(asked).toEqual([[{ add: {}, after: 0 }], [{ cell: { tensor: "w", at: [1] }, value: 0.5 }, { add: {}, after: 0 }]]);
  expect(become).toHaveBeenCalledOnce();
  expect(world.asked).toBeNull();
});

test("what is taken back while it is asked for does not come, and no second one is asked for before", async () => {
  whileAsked = () => {
    void edit(world, { remove: 0 }, 0, { key: "world.did-remove", values: {} });
    world.asked = null;
  };
  await edit(world, { add: {}, after: 0 }, 0, label);
  expect(asked).toEqual([[{ add: {}, after: 0 }]]);
  expect(become).not.toHaveBeenCalled();
});

test("what is taken back and does not fit says nothing more", async () => {
  whileAsked = () => {
    world.asked = null;
    throw new TypeError("no network");
  };
  await expect(edit(world, { add: {}, after: 0 }, 0, label)).resolves.toBeUndefined();
  whileAsked = () => {
    throw new TypeError("no network");
  };
  await expect(edit(world, { add: {}, after: 0 }, 0, label)).rejects.toThrow();
});
