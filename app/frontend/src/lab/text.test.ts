import { expect, test } from "vitest";

import type { LineResult } from "./protocol";
import { textOf, textUntil } from "./text";

const PROGRAM = "# seeds\ndef f(x):\n    return x\n\ny = f(1)";
const at = (line: number, end: number): LineResult => ({ line, end, ok: true, printed: "" });

test("a line's text is all that it takes, and a program up to it holds what stands before it too", () => {
  expect(textOf(PROGRAM, at(2, 3))).toBe("def f(x):\n    return x");
  expect(textUntil(PROGRAM, at(2, 3))).toBe("# seeds\ndef f(x):\n    return x");
  expect(textUntil(PROGRAM, undefined)).toBe("");
});
