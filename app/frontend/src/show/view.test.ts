import { expect, test } from "vitest";

import { fitting } from "./fitting";
import { checkedView } from "./view.svelte";

test("what was kept comes back, what is none is the usual", () => {
  const usual = { scope: "everything", threshold: 0.5, numbers: "on", digits: 4 };
  expect(checkedView(null)).toEqual(usual);
  expect(checkedView({ scope: "nothing", threshold: -1, numbers: 3, digits: "8" })).toEqual(usual);
  const chosen = { scope: "threshold", threshold: 0.1, numbers: "hover", digits: 8 };
  expect(checkedView(chosen)).toEqual(chosen);
  expect(checkedView({ digits: 9 }).digits).toBe(8);
  expect(checkedView({ digits: 1 }).digits).toBe(2);
});

test("a large neuron holds eight digits, a small one as many as can be read", () => {
  expect(fitting(4, 40)).toEqual({ digits: 4, size: 14 });
  expect(fitting(8, 40).digits).toBe(8);
  // On a phone: a minus before them is clear of the rim.
  expect(fitting(4, 29)).toEqual({ digits: 4, size: 10 });
  for (const radius of [21, 25, 31, 40]) {
    const { digits, size } = fitting(8, radius);
    expect(digits).toBeGreaterThanOrEqual(2);
    expect(size).toBeGreaterThanOrEqual(10);
  }
});
