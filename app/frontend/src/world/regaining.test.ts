import { expect, test } from "vitest";

import type { ProblemDocument } from "../live/protocol";
import { regaining } from "./regaining";

const problem = (pointer: string): ProblemDocument => ({ type: "/problems/invalid-value", title: "", status: 422, errors: [{ type: "/problems/invalid-value", pointer, detail: "" }] }) as unknown as ProblemDocument;

test("what is refused since nothing could be opened is not told after the reason why", () => {
  const refused: string[] = [];
  const answers = regaining({ outline: { id: "gone" }, language: "en", t: (key) => key, wire: { reopen: () => undefined, refused: (words) => refused.push(words) } });
  expect(answers(problem("/op"))).toBe(true);
  expect(answers(problem("/value"))).toBe(false);
  expect(refused).toEqual([]);
});
