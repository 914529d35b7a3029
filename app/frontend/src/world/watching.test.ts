import { expect, test } from "vitest";

import { arrayName, shownName } from "./watching";

/** As the live socket takes names; see app/api/read/live_documents.py. */
const TAKEN = /^[A-Za-z0-9.-]{1,64}$/;

test.each([
  ["layers.12.pre_activations", null],
  ["inputs.größe | a name of its author's own", null],
  [`inputs.${"x".repeat(300)}`, { by: [1, 4, 4], region: null }],
  ["layers.0.activations", { by: null, region: [[2, 3], [0, 160], [0, 160]] as const }],
])("%s is watched under a name that the server takes", (tensor, plan) => {
  expect(shownName(tensor, plan)).toMatch(TAKEN);
  expect(shownName(tensor, plan)).toBe(shownName(tensor, plan));
});

test("what holds other numbers has another name", () => {
  const names = [shownName("a_b"), shownName("a-b"), shownName("a_b", { by: [2], region: null }), arrayName("links", "a_b", null)];
  expect(new Set(names).size).toBe(names.length);
});
