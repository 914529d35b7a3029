import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import type { DescribedCell } from "../live/protocol";
import { Explained, Layout } from "./decode";
import { explainedOf, FORMS, fixture } from "./testing";

interface Answer {
  tensor: string;
  at: number[];
  value: number;
  form: string;
  parts: { cell: { tensor: string; at: number[] }; value: number; role?: string; parameter?: { cell?: object; value: number }; contribution?: number }[];
  bias: { cell: object; contribution: number } | null;
  constants: Record<string, number>;
}

describe.each(FORMS)("a %s", (form) => {
  const explained = explainedOf(form);
  const answer = fixture(form).answer as Answer;

  test("that the socket tells is what the API answers", () => {
    expect([explained.cell, explained.form]).toEqual([{ tensor: answer.tensor, at: answer.at }, answer.form]);
    expect(explained.value).toBeCloseTo(answer.value, 5);
    const listed = explained.parts.filter(({ role }) => form !== "sum-of-products" || role !== "bias");
    expect(listed.map(({ cell, role }) => ({ cell, role }))).toEqual(answer.parts.map(({ cell, role = "" }) => ({ cell, role })));
    listed.forEach((part, k) => {
      const told = answer.parts[k]!;
      expect(part.value).toBeCloseTo(told.value, 5);
      expect(part.parameter?.cell ?? null).toEqual(told.parameter?.cell ?? null);
      if (told.parameter) expect(part.parameter!.value).toBeCloseTo(told.parameter.value, 5);
      if (told.contribution !== undefined) expect(part.contribution).toBeCloseTo(told.contribution, 5);
    });
    expect(Object.keys(explained.constants)).toEqual(Object.keys(answer.constants));
    for (const [name, value] of Object.entries(answer.constants)) expect(explained.constants[name]).toBeCloseTo(value, 5);
  });

  test("finds each of its parts by its cell", () => {
    const { layout } = explained;
    for (let place = 0; place < layout.count; place++) {
      // Softmax has the number itself among all numbers of the row.
      const found = layout.indexOf(layout.cellOf(place));
      expect(layout.cellOf(found)).toEqual(layout.cellOf(place));
      const parameter = layout.parameterOf(place);
      if (parameter) expect(layout.indexOf(parameter)).toBe(place);
    }
    expect(layout.indexOf({ tensor: "nowhere", at: [0] })).toBe(-1);
  });
});

test("there is a fixture of every form", () => {
  const kept = readdirSync(join(import.meta.dirname, "fixtures")).map((name) => name.replace(".json", ""));
  expect([...kept].sort()).toEqual([...FORMS].sort());
});

test("a sum's terms told by themselves, what the rest adds, and how the sum grows", () => {
  const { layout, worked, value } = explainedOf("sum-of-products");
  const sizes = layout.largest.map((place) => Math.abs(worked.contributions![place]!));
  expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  expect(worked.running).toHaveLength(layout.largest.length + 2);
  expect(worked.running!.at(-1)).toBeCloseTo(value, 5);
});

test("numbers are views into the frame: a frame of thousands of parts makes no object a part", () => {
  const count = 20_000;
  const told: DescribedCell = {
    name: "n",
    tensor: "z",
    at: [0],
    form: "sum-of-products",
    parts: [{ tensor: "x", at: Array.from({ length: count }, (_, k) => [k]), parameter: { tensor: "w", at: Array.from({ length: count }, (_, k) => [k, 0]) } }],
    constants: [],
    largest: [7],
  };
  const layout = new Layout(told);
  const arrays = new Map(["parts", "parameters", "contributions"].map((key) => [`explain.n.${key}`, new Float32Array(count).fill(2)]));
  const started = performance.now();
  for (let k = 0; k < 1000; k++) new Explained(layout, arrays);
  expect(performance.now() - started).toBeLessThan(200);
  const explained = new Explained(layout, arrays);
  expect(explained.values).toBe(arrays.get("explain.n.parts"));
  expect([explained.factorOf(19_999), layout.parameterOf(19_999)]).toEqual([2, { tensor: "w", at: [19_999, 0] }]);
});

test("what a frame does not have is not a number", () => {
  const { layout } = explainedOf("sum-of-products");
  const empty = new Explained(layout, new Map());
  expect([empty.value, empty.valueOf(0)]).toEqual([NaN, NaN]);
});

test.each(FORMS)("a %s that is told again is like it, and is not once a number moved", (form) => {
  const { explained, order, numbers } = fixture(form);
  const layout = new Layout(explained.cells[0]!);
  const told = (moved = ""): Explained =>
    new Explained(layout, new Map(order.map(({ name }) => [name, Float32Array.from(numbers[name]!, (each) => Number(each) + (name === moved ? 1 : 0))])));
  expect(told().isLike(told())).toBe(true);
  const finite = order.filter(({ name }) => name.startsWith("explain.") && numbers[name]!.some((each) => typeof each === "number"));
  for (const { name } of finite) expect([name, told(name).isLike(told())]).toEqual([name, false]);
  expect(told().isLike(new Explained(new Layout(explained.cells[0]!), new Map()))).toBe(false);
});
