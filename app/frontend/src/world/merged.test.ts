import { expect, test } from "vitest";

import { merged } from "./merged";

const both = (first: string, second: string): string =>
  merged(
    first.split("").map((id) => ({ id, of: 1 })),
    second.split("").map((id) => ({ id, of: 2 })),
    ({ id }) => id,
  )
    .map(({ id, of }) => id + of)
    .join(" ");

test("what opens stands beside what it opens from, and what stays is taken from the first", () => {
  expect(both("aCd", "axyd")).toBe("a1 C1 x2 y2 d1");
  expect(both("Cd", "xyd")).toBe("C1 x2 y2 d1");
  expect(both("axyd", "aCd")).toBe("a1 x1 y1 C2 d1");
});

test("each is there once, even where the two have what they share in another order", () => {
  expect(both("abcX", "cbay")).toBe("c1 X1 b1 a1 y2");
  expect(both("", "ab")).toBe("a2 b2");
  expect(both("ab", "")).toBe("a1 b1");
});
