import { expect, test } from "vitest";

import { Answers } from "./answers";

test("what waits for an answer is done when it is given, and not for another", () => {
  const answers = new Answers();
  const done: string[] = [];
  answers.after("one", () => done.push("one"));
  answers.after("two", () => done.push("two"));
  answers.give("two");
  expect(done).toEqual(["two"]);
  answers.give("two");
  expect(done).toEqual(["two"]);
  answers.after("two", () => done.push("later"));
  expect(done).toEqual(["two", "later"]);
});
