import { expect, test } from "vitest";

import { Explained, Layout } from "./decode";
import { stagesOf } from "./stages";

const step = (name: string, form: string, formula?: string): Explained =>
  new Explained(new Layout({ name, tensor: name, at: [0], form, parts: [{ tensor: "x", at: [[0]], role: form === "function" ? "x" : "" }], constants: [], formula }), new Map());

test("a layer without an activation ends with its sum, and no curve of what leaves a number as it is follows", () => {
  const [z, same] = [step("z", "sum-of-products"), step("a", "function", "x")];
  expect(stagesOf([z, same])).toEqual([{ heading: null, steps: [{ explained: z, before: null, next: null, brief: false }] }]);
});

test("an activation stands below its sum, and an identity that was asked for by itself is told", () => {
  const [z, bent, same] = [step("z", "sum-of-products"), step("a", "function", "max(0, x)"), step("a", "function", "x")];
  expect(stagesOf([z, bent])[0]!.steps.map(({ explained, next }) => [explained, next])).toEqual([
    [z, bent],
    [bent, null],
  ]);
  expect(stagesOf([same])[0]!.steps).toHaveLength(1);
});
