import { describe, expect, test } from "vitest";

import { readProgram, Unreadable } from "./program";
import { stepsText } from "./protocol";

const steps = (text: string): unknown => (JSON.parse(stepsText(readProgram(text).steps)) as { steps: unknown }).steps;

function unreadable(text: string): Unreadable {
  try {
    readProgram(text);
  } catch (error) {
    if (error instanceof Unreadable) return error;
  }
  throw new Error(`was read: ${text}`);
}

describe("a program", () => {
  test("is the steps that its lines are", () => {
    const text = "torch.manual_seed(7)\nfeatures = torch.randn((1, 5))\ncolumn = features.view(5, 1)\ncolumn.mul_(-2)";
    expect(steps(text)).toEqual([
      { op: "manual_seed", args: [7] },
      { op: "randn", args: [[1, 5]], as: "features" },
      { op: "view", args: ["$features", 5, 1], as: "column" },
      { op: "mul_", args: ["$column", -2] },
    ]);
  });

  test("keeps a number as it is written, because the point makes it a float", () => {
    const written = stepsText(readProgram("a = torch.tensor([1., .5, 2, -3.0, 1e-3, 007, 1_000])").steps);
    expect(written).toContain("[1.0,0.5,2,-3.0,1e-3,7,1000]");
  });

  test("of one line may be several steps, whose results are not the learner's", () => {
    const { lines, parts } = readProgram("x = torch.ones(2)\ny = torch.sigmoid(torch.sum(x * x) + 1)");
    expect(lines.map((line) => line.steps)).toEqual([1, 5]);
    expect([...parts]).toEqual(["part2", "part3", "part4"]);
    expect(steps("x = torch.ones(2)\ny = x + x @ x * 3")).toEqual([
      { op: "ones", args: [2], as: "x" },
      { op: "matmul", args: ["$x", "$x"], as: "part2" },
      { op: "mul", args: ["$part2", 3], as: "part3" },
      { op: "add", args: ["$x", "$part3"], as: "y" },
    ]);
  });

  test("gives what stands alone the name of its line, and nothing to what changes a tensor in place", () => {
    const text = "# a comment\nimport torch\nx = torch.ones(2)  # two\nx * 2\nx.T.add_(1)\nx += 1\nprint(x.shape, x.sum())";
    const { lines, steps: made } = readProgram(text);
    expect(made.map(({ op, as }) => [op, as])).toEqual([
      ["ones", "x"],
      ["mul", "line4"],
      ["T", "part3"],
      ["add_", undefined],
      ["add_", undefined],
      ["sum", "line7"],
    ]);
    expect(lines.map(({ number }) => number)).toEqual([2, 3, 4, 5, 6, 7]);
    expect(lines[1]!.text).toBe("x = torch.ones(2)");
  });

  test("may go on where a bracket is open, and name a dtype and a keyword", () => {
    const text = "a = np.array(\n  [\n    [1, 2],\n    [3, 4],\n  ],\n  dtype=np.float32,\n)\nb = a.sum(dim=(0,), keepdim=True)";
    expect(steps(text)).toEqual([
      { op: "array", args: [[[1, 2], [3, 4]]], kwargs: { dtype: "float32" }, as: "a" },
      { op: "sum", args: ["$a"], kwargs: { dim: [0], keepdim: true }, as: "b" },
    ]);
    expect(readProgram(text).lines.map(({ number }) => number)).toEqual([1, 8]);
  });

  test("takes no name from the learner for its own", () => {
    expect([...readProgram("part2 = torch.ones(2)\ny = part2 * 2 + 1").parts]).toEqual(["part2x"]);
  });

  test("may be empty", () => {
    expect(readProgram("\n  # nothing\n").steps).toEqual([]);
  });
});

describe("what is no call", () => {
  test.each([
    ["x = torch.ones(2)\nx = x - 1", 2, "-"],
    ["x = torch.ones(2)\ny = x[0]", 2, "["],
    ["x = torch.ones(2)\ny = x", 2, "x"],
    ["x = 3", 1, "3"],
    ["a = torch.ones(2", 1, "a = torch.ones(2"],
    ["for i in torch.ones(2):", 1, "for"],
    ["s = torch.manual_seed(7)", 1, "torch"],
    ["torch.ones('2')", 1, "'"],
    ["f = lambda: 0", 1, "lambda"],
  ])("%s", (text, line, about) => {
    const error = unreadable(text);
    expect([error.line, error.about]).toEqual([line, about]);
  });

  test("a name that nothing has yet is told by name", () => {
    const error = unreadable("x = torch.ones(2)\ny = torch.mm(x, w)");
    expect([error.why, error.line, error.about]).toEqual(["name", 2, "w"]);
  });
});
