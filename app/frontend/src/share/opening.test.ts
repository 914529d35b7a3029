import { expect, test } from "vitest";

import { beginOpening, endOpening } from "./opening";

function memory(): () => Storage {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  return () => storage as unknown as Storage;
}

test("a page that was shown may be opened again", () => {
  const storage = memory();
  expect(beginOpening(storage, 1)).toBe(true);
  endOpening(storage);
  expect(beginOpening(storage, 100_000)).toBe(true);
});

test("what hung the last page is not opened a second time, and then anew", () => {
  const storage = memory();
  expect(beginOpening(storage, 1)).toBe(true);
  expect(beginOpening(storage, 100_000)).toBe(false);
  expect(beginOpening(storage, 100_001)).toBe(true);
});

test("two tabs may open it at the same time", () => {
  const storage = memory();
  expect(beginOpening(storage, 1000)).toBe(true);
  expect(beginOpening(storage, 1500)).toBe(true);
});

test("a blocked storage keeps nobody out", () => {
  const blocked = (): Storage => {
    throw new DOMException("denied", "SecurityError");
  };
  expect(beginOpening(blocked)).toBe(true);
  endOpening(blocked);
});
