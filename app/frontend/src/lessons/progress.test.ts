import { beforeEach, describe, expect, test } from "vitest";

import { forget, mark, readMarks } from "./progress";

class Memory {
  kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
  removeItem = (key: string) => void this.kept.delete(key);
}

describe("progress", () => {
  let storage: Storage;
  beforeEach(() => (storage = new Memory() as unknown as Storage));

  test("keeps what was solved and what was seen", () => {
    mark(storage, "a", "solved");
    mark(storage, "b", "seen");
    expect(readMarks(storage)).toEqual({ a: "solved", b: "seen" });
  });

  test("the first mark stays", () => {
    mark(storage, "a", "solved");
    expect(mark(storage, "a", "seen")).toBe("solved");
    mark(storage, "b", "seen");
    expect(mark(storage, "b", "solved")).toBe("seen");
  });

  test("forgets everything when told, and takes it back", () => {
    mark(storage, "a", "solved");
    mark(storage, "b", "seen");
    const undo = forget(storage);
    expect(readMarks(storage)).toEqual({});
    undo();
    expect(readMarks(storage)).toEqual({ a: "solved", b: "seen" });
  });

  test.each(["", "no json", "[]", "null", '{"a": 3}'])("reads %j as nothing", (text) => {
    storage.setItem("adelante.course", text);
    expect(readMarks(storage)).toEqual({});
  });

  test("a storage that refuses loses nothing else", () => {
    storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    expect(mark(storage, "a", "solved")).toBe("solved");
  });
});
