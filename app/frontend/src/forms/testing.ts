import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { DescribedCell } from "../live/protocol";
import { Explained, Layout } from "./decode";

/** What the server told of one cell of each form; `python -m tests.api.routes.test_live_forms` writes the files. For tests. */
export const FORMS = ["sum-of-products", "sum", "choice", "function", "product", "normalisation", "softmax", "move"] as const;

interface Fixture {
  explained: { cells: DescribedCell[] };
  order: { name: string; shape: number[] }[];
  numbers: Record<string, (number | string)[]>;
  answer: unknown;
}

export const fixture = (form: (typeof FORMS)[number]): Fixture =>
  JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${form}.json`), "utf8")) as Fixture;

export function explainedOf(form: (typeof FORMS)[number]): Explained {
  const { explained, order, numbers } = fixture(form);
  const number = (each: number | string): number => (typeof each === "number" ? each : each === "nan" ? NaN : each === "inf" ? Infinity : -Infinity);
  const arrays = new Map(order.map(({ name }) => [name, Float32Array.from(numbers[name]!, number)]));
  return new Explained(new Layout(explained.cells[0]!), arrays);
}
