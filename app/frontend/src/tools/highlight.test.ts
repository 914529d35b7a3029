import { expect, test } from "vitest";

import { highlighted } from "./highlight";

const python = 'import torch  # 1 "is" not\nx = torch.tensor([[-0.5, 1e-7]])\nprint("y # =", x)\n';

test.each([
  ["pytorch", python],
  ["json", '{"layers": [{"name": "a # b", "weights": [[1, -2e5]]}]}'],
  ["curl", "curl -s http://127.0.0.1/ --data '{\"inputs\": [1]}'"],
  ["numpy", "no closing quote '\nimport numpy"],
])("the parts are the source, to the letter (%s)", (language, source) => {
  expect(
    highlighted(source, language)
      .map(({ text }) => text)
      .join(""),
  ).toBe(source);
});

test("comments, texts and words are told apart", () => {
  const kinds = highlighted(python, "pytorch").filter(({ kind }) => kind !== null);
  expect(kinds.map(({ text, kind }) => [kind, text])).toEqual([
    ["word", "import"],
    ["name", "torch"],
    ["comment", '# 1 "is" not'],
    ["name", "torch"],
    ["word", "print"],
    ["text", '"y # ="'],
  ]);
});
