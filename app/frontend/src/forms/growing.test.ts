import { expect, test } from "vitest";

import { Explained, Layout } from "./decode";
import { cellsOfRow, rowsOf, stepsOf } from "./growing";
import { explainedOf, FORMS } from "./testing";

test.each(FORMS)("a %s has a row for each part that is looked at, and is whole after the last", (form) => {
  const { layout } = explainedOf(form);
  const rows = rowsOf(layout);
  if (form === "function" || form === "move") expect(rows).toBe(0);
  else expect(rows).toBeGreaterThan(1);
  for (let row = 0; row < rows; row++) for (const cell of cellsOfRow(layout, row)) expect(layout.indexOf(cell)).toBeGreaterThanOrEqual(0);
  expect(cellsOfRow(layout, rows)).toEqual([]);
});

test("what is looked at is known row by row, and the number once it is whole", () => {
  const { layout } = explainedOf("softmax");
  const rows = rowsOf(layout);
  expect(rows).toBe(layout.group("logits")!.count);
  const after = (known: number) => new Explained(layout, new Map(), known);
  expect([after(0).hasRow(0), after(1).hasRow(0), after(1).hasRow(1), after(rows).hasRow(rows - 1)]).toEqual([false, true, false, true]);
  expect(after(rows).result).toBeUndefined();
  expect(after(Infinity).hasRow(5000)).toBe(true);
});

test("a normalisation's steps end with its scale and shift, where it has them", () => {
  expect(stepsOf(explainedOf("normalisation").layout)).toEqual(["mean", "deviation", "scale", "shift"]);
});

test("of many parts all are looked at together", () => {
  const at = Array.from({ length: 500 }, (_, k) => [k]);
  const layout = new Layout({ name: "w", tensor: "y", at: [0], form: "choice", constants: [], parts: [{ tensor: "x", at }] });
  expect(rowsOf(layout)).toBe(1);
  expect(cellsOfRow(layout, 0)).toEqual([]);
  expect(new Explained(layout, new Map(), 1).hasRow(499)).toBe(true);
});
