import { expect, test } from "vitest";

import { readFormula, type Formula } from "./formula";

/** As it would be typed, with a bracket around all that MathML tells apart by place. */
function typed(formula: Formula): string {
  switch (formula.is) {
    case "number":
    case "name":
    case "word":
      return formula.text;
    case "sum":
    case "product":
      return formula.parts.map((part, k) => `${k === 0 ? "" : ` ${formula.signs[k - 1]} `}${typed(part)}`).join("");
    case "fraction":
      return `[${typed(formula.above)} / ${typed(formula.below)}]`;
    case "power":
      return `${typed(formula.base)}^[${typed(formula.raised)}]`;
    case "indexed":
      return `${typed(formula.base)}_[${formula.places.map(typed).join(", ")}]`;
    case "many":
      return `${formula.sign}_[${typed(formula.below)}]${formula.above ? `^[${typed(formula.above)}]` : ""} ${typed(formula.of)}`;
    case "minus":
      return `-${typed(formula.of)}`;
    case "not":
      return `¬${typed(formula.of)}`;
    case "root":
      return `√[${typed(formula.of)}]`;
    case "fenced":
      return `${formula.left}${formula.of.map(typed).join(", ")}${formula.right}`;
    case "call":
      return `${formula.name}${typed(formula.of)}`;
    case "cases":
      return formula.cases.map(({ value, where }) => `${typed(value)} ${where ? `if ${typed(where)}` : "otherwise"}`).join("; ");
  }
}

test.each([
  ["1 / (1 + exp(-x))", "[1 / 1 + e^[-x]]"],
  ["x if x > 0 else 0.01 · x", "x if x > 0; 0.01 · x otherwise"],
  ["x if x > 0 else 1 · (exp(x) - 1)", "x if x > 0; (e^[x] - 1) otherwise"],
  ["x - 0.5 if x > 0.5, x + 0.5 if x < -0.5, else 0", "x - 0.5 if x > 0.5; x + 0.5 if x < -0.5; 0 otherwise"],
  ["max(0, x) + min(0, 0.5 · (exp(x / 0.5) - 1))", "max(0, x) + min(0, 0.5 · (e^[[x / 0.5]] - 1))"],
  ["x / 2 · (1 + tanh(√(2 / π) · (x + 0.044715 · x³)))", "[x / 2] · (1 + tanh(√[[2 / π]] · (x + 0.044715 · x^[3])))"],
  ["x if 1 · x > 20 else ln(1 + exp(1 · x)) / 1", "x if x > 20; ln(1 + e^[x]) otherwise"],
  ["x · min(max(0, x + 3), 6) / 6", "[x · min(max(0, x + 3), 6) / 6]"],
  ["min(max(0, x / 6 + 1/2), 1)", "min(max(0, [x / 6] + [1 / 2]), 1)"],
  ["⌊x / -0.7⌋", "⌊[x / -0.7]⌋"],
  ["x^-1", "x^[-1]"],
  ["√(x² + y²)", "√[x^[2] + y^[2]]"],
  ["x / (1 + |x|)", "[x / 1 + |x|]"],
  ["1 if x ≥ 1e-05 else 0", "1 if x ≥ 1e-05; 0 otherwise"],
  ["x, no less than -1 and no more than 0.5", "min(max(-1, x), 0.5)"],
  ["what x / y leaves, with the sign of x", "x - trunc([x / y]) · y"],
  ["x mod -0.7", "x - ⌊[x / -0.7]⌋ · (-0.7)"],
  ["x, rounded to the nearest whole number, halves to the even one", "⌊x⌉"],
  ["1 if one of x and y, but not both, else 0", "1 if (x ≠ 0) ⊕ (y ≠ 0); 0 otherwise"],
  ["1 if x is a finite number else 0", "1 if |x| < ∞; 0 otherwise"],
  ["x as int32", "int32(x)"],
  ["1 / 8 · ∑_(j = 1)^8 (x_j - μ)²", "[1 / 8] · ∑_[j = 1]^[8] (x_[j] - μ)^[2]"],
  ["ln ∑_j exp(s_j - m)", "ln∑_[j] e^[s_[j] - m]"],
  ["max(x_1, …, x_9)", "max(x_[1], …, x_[9])"],
  ["x_(2, 3)", "x_[2, 3]"],
])("%s", (text, expected) => {
  expect(typed(readFormula(text)!.formula)).toBe(expected);
});

test("what is no formula is left as it came", () => {
  for (const text of ["", "x +", "(x", "what is left of x", "|x"]) expect(readFormula(text), text).toBeNull();
});
