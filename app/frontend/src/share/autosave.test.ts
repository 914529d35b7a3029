import { expect, test } from "vitest";

import type { Kept } from "../studio/storage";
import { autosave, autosaved, earlierScenes, keepEarlier, setAside } from "./autosave";
import { sceneOf, type Scene } from "./scene";

/** A storage with room for so many characters. */
class Small implements Kept {
  readonly items = new Map<string, string>();
  constructor(private readonly room = Infinity) {}
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  removeItem = (key: string): void => void this.items.delete(key);
  setItem(key: string, value: string): void {
    const others = [...this.items].filter(([name]) => name !== key).reduce((sum, [, text]) => sum + text.length, 0);
    if (others + value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.items.set(key, value);
  }
}

const scene = (bias: number): Scene =>
  sceneOf({ preset: null, inputs: [1], inputNames: ["x1"], inputRanges: [[-3, 3]], outputNames: ["y"], layers: [{ name: "", activation: "tanh", weights: [[2]], biases: [bias] }], seed: 0 });

test("what a visit left comes back with the address that it had", () => {
  const storage = new Small();
  autosave(storage, scene(1), "v1.abc");
  expect(autosaved(storage)).toEqual({ scene: scene(1), address: "v1.abc", base: null });
});

test("what an older page left has no address", () => {
  const storage = new Small();
  storage.setItem("adelante.scene.v1", JSON.stringify(scene(1)));
  expect(autosaved(storage)).toEqual({ scene: scene(1), address: "", base: null });
});

test("what is set aside is not overwritten, however often the page begins anew", () => {
  const storage = new Small();
  for (const bias of [1, 2, 3]) {
    autosave(storage, scene(bias), "");
    setAside(storage);
    expect(autosaved(storage)).toBeNull();
  }
  autosave(storage, scene(4), "");
  expect(earlierScenes(storage)).toEqual([scene(1), scene(2), scene(3)]);
});

test("in a full storage the earlier network stays, and the newest gives way", () => {
  const one = JSON.stringify(scene(1)).length;
  const storage = new Small(one + 40);
  autosave(storage, scene(1), "v1.abc");
  setAside(storage);
  expect(earlierScenes(storage)).toEqual([scene(1)]);
  autosave(storage, scene(2), "");
  setAside(storage);
  expect(earlierScenes(storage)).toEqual([scene(1)]);
  keepEarlier(storage, []);
  expect(storage.items.size).toBe(0);
});

test("nothing that can be read is nothing", () => {
  const storage = new Small();
  storage.setItem("adelante.earlier.v1", "{");
  storage.setItem("adelante.scene.v1", "[1");
  expect([autosaved(storage), earlierScenes(storage)]).toEqual([null, []]);
});
