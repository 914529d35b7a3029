import { expect, test } from "vitest";

import type { DescribedCell } from "../live/protocol";
import { Described } from "./described";

const told = (at: number): DescribedCell => ({ name: "why.0", tensor: "y", at: [at], form: "sum", parts: [{ tensor: "x", at: [[0], [1]] }], constants: [] });

test("what is told again is the same object, and what is told otherwise another one", () => {
  const described = new Described();
  const first = told(3);
  described.take([first]);
  described.take([told(3)]);
  expect(described.of("why.0")).toBe(first);
  described.take([told(4)]);
  expect(described.of("why.0")).toEqual(told(4));
  expect(described.of("why.1")).toBeUndefined();
});
