import { describe, expect, test } from "vitest";

import { storageOf } from "./storage";

const blocked = {
  get localStorage(): Storage {
    throw new DOMException("Access is denied for this document.", "SecurityError");
  },
};
const refuse = (): never => {
  throw new DOMException("denied", "SecurityError");
};
const refusing = { localStorage: { getItem: refuse, setItem: refuse, removeItem: refuse } };

describe("where site data is blocked", () => {
  test.each([
    ["its getter throws", blocked],
    ["it is null", { localStorage: null }],
  ])("what is kept lasts as long as the page: %s", (_, window) => {
    const storage = storageOf(window as unknown as Window, "localStorage");
    storage.setItem("a", "1");
    expect(storage.getItem("a")).toBe("1");
    storage.removeItem("a");
    expect(storage.getItem("a")).toBeNull();
  });

  test("a storage whose methods throw holds nothing, and says so only to who keeps", () => {
    const storage = storageOf(refusing as unknown as Window, "localStorage");
    expect(storage.getItem("a")).toBeNull();
    storage.removeItem("a");
    expect(() => storage.setItem("a", "1")).toThrow("denied");
  });
});
