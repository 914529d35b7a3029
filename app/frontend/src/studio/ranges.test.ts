import { expect, test } from "vitest";

import { LARGEST_FLOAT32 } from "../reading/words";
import { parameterRange } from "./ranges";

test("a parameter's slider is doubled until its value fits, and ends where float32 does", () => {
  expect(parameterRange(0.5)).toEqual([-4, 4]);
  expect(parameterRange(-5)).toEqual([-8, 8]);
  // Twice as far would be 2 ** 128, which no float32 holds and the server refuses.
  expect(parameterRange(-3e38)).toEqual([-LARGEST_FLOAT32, LARGEST_FLOAT32]);
});
