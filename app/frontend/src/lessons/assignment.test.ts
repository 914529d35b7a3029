import { describe, expect, test } from "vitest";

import { readAssignment, writeAssignment, type Assignment } from "./assignment";

const WHOLE: Assignment = {
  question: "¿Qué pasa con y si x₁ crece? <b>",
  lock: ["weights"],
  hide: ["hints", "solutions"],
  network: { layers: [{ weights: [[1.5], [-2]], biases: [0.25], activation: "relu" }], inputs: [1, 2] },
};

describe("a teacher's link", () => {
  test("opens to what was put into it", async () => {
    const hash = await writeAssignment(WHOLE);
    expect(hash).toMatch(/^#class=[A-Za-z0-9_-]+$/);
    expect(await readAssignment(hash)).toEqual(WHOLE);
  });

  test("drops what it does not know", async () => {
    const odd = { question: 3, lock: ["weights", "door"], hide: "all", extra: 1, network: "x" } as unknown as Assignment;
    expect(await readAssignment(await writeAssignment(odd))).toEqual({ question: "", lock: ["weights"], hide: [] });
  });

  test.each(["", "#", "#class=", "#class=!!!", "#class=AAAA", "#other=1", "#class=" + "A".repeat(300_000)])(
    "a fragment that is none: %s",
    async (hash) => {
      expect(await readAssignment(hash.slice(0, 400_000))).toBeNull();
    },
  );

  test("a damaged link is none", async () => {
    const hash = await writeAssignment(WHOLE);
    expect(await readAssignment(hash.slice(0, -12))).toBeNull();
  });
});
