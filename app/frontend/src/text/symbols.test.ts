import { expect, test } from "vitest";

import { apart, equated } from "./symbols";

test("a name that ends in a digit is parted from the value after it, but no lowered index", () => {
  expect(["0", "class 3", "2024"].map(apart)).toEqual([":", ":", ":"]);
  expect(["x1", "h2.3", "setosa", "edges[4, 4]", "3rd"].map(apart)).toEqual(["", "", "", "", ""]);
});

test("no number is said to equal another", () => {
  expect(equated("0", "0.990")).toBe("0: 0.990");
  expect(equated("x₁", "0.5")).toBe("x₁ = 0.5");
});
