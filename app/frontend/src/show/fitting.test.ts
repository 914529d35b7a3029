import { expect, test } from "vitest";

import { fitting } from "./fitting";

test("a number in a neuron", () => {
  expect(fitting(4, 40)).toEqual({ digits: 4, size: 14 });
  expect(fitting(4, 22).digits).toBe(2);
});

test("where all text is larger, it has a digit less and grows too", () => {
  expect(fitting(4, 40, 1.25)).toEqual({ digits: 3, size: 16.5 });
  expect(fitting(4, 72, 1.5).digits).toBe(4);
  expect(fitting(4, 72, 1.5).size).toBeGreaterThan(21);
});
