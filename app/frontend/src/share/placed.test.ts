import { expect, test } from "vitest";

import { Refused } from "../studio/reach";
import { placed } from "./placed";

const t = (key: string, values: Record<string, unknown> = {}): string => `${key} ${JSON.stringify(values)}`;

test.each([
  ["/layers/0/weights/1", 'studio.open-in-row {"layer":1,"row":2,"reason":"torn"}'],
  ["/layers/1/weights/1/0", 'studio.open-in-row {"layer":2,"row":2,"reason":"torn"}'],
  ["/layers/1/weights", 'studio.open-in-layer {"layer":2,"reason":"torn"}'],
  ["/layers/1/biases/3", 'studio.open-in-layer {"layer":2,"reason":"torn"}'],
  ["/inputs/2", 'studio.open-in-inputs {"row":3,"reason":"torn"}'],
  ["/layers", "torn"],
  ["", "torn"],
])("what is wrong at %s is told as people count", (pointer, told) => {
  expect(placed(new Refused(400, "torn", pointer), t)).toBe(told);
});
