import { expect, test } from "vitest";

import type { LayerOutline } from "../world/types";
import { changedValues, fieldsOf, proposedFields, valueOf, written, type OperationDocument } from "./fields";

const CONV: OperationDocument = {
  kind: "conv2d",
  form: "sum-of-products",
  options: [
    { name: "stride", required: false, schema: { anyOf: [{ type: "integer" }, { type: "array", items: { type: "integer" } }], default: 1 } },
    { name: "padding", required: false, schema: { anyOf: [{ type: "integer" }, { type: "string", enum: ["valid", "same"] }], default: 0 } },
    { name: "padding_mode", required: false, schema: { type: "string", enum: ["zeros", "reflect"], default: "zeros" } },
    { name: "ceil_mode", required: false, schema: { type: "boolean", default: false } },
  ],
};
const LAYER = {
  kind: "conv2d",
  name: "edges",
  options: { stride: [2, 2] },
  parameters: [{ name: "layers.0.weights", shape: [4, 1, 3, 5], dtype: "float32" }],
} as unknown as LayerOutline;

test("a layer's sizes and options as one types them", () => {
  const fields = fieldsOf(LAYER, CONV, "en");
  expect(fields.map(({ name, text }) => [name, text])).toEqual([
    ["name", "edges"],
    ["out_channels", "4"],
    ["kernel_size", "3, 5"],
    ["bias", ""],
    ["stride", "2"],
    ["padding", "0"],
    ["padding_mode", "zeros"],
    ["ceil_mode", ""],
  ]);
  expect(fields.map(({ sort }) => sort)).toEqual(["text", "numbers", "numbers", "truth", "numbers", "numbers", "word", "truth"]);
});

test("what is told is what was changed", () => {
  const fields = fieldsOf(LAYER, CONV, "en");
  expect(changedValues(fields, { kernel_size: "5 × 3", padding: "same", ceil_mode: "true", stride: "2" }, "en")).toEqual({ kernel_size: [5, 3], padding: "same", ceil_mode: true });
});

test("a proposal's sizes stand before the options", () => {
  expect(proposedFields(CONV, { out_channels: 2, padding: 1 }, "en").map(({ name, text }) => [name, text]).slice(0, 5)).toEqual([
    ["name", ""],
    ["out_channels", "2"],
    ["bias", "true"],
    ["stride", "1"],
    ["padding", "1"],
  ]);
});

test("a second tensor is chosen by what it is called, and told by its name", () => {
  const add: OperationDocument = { kind: "add", form: "sum", options: [] };
  const others = [{ name: "layers.0.activations", title: "edges" }, { name: "inputs", title: "inputs" }];
  const [, second] = proposedFields(add, { inputs: ["layers.0.activations"] }, "en", others);
  expect(second).toMatchObject({ name: "inputs", sort: "tensors", text: "layers.0.activations", titles: ["edges", "inputs"] });
  expect(changedValues([second!], { inputs: "inputs" }, "en")).toEqual({ inputs: ["inputs"] });
});

test("what is typed goes as it is where it is no number", () => {
  expect(valueOf({ sort: "numbers", text: "many" }, "en")).toBe("many");
  expect(valueOf({ sort: "numbers", text: " " }, "en")).toBeUndefined();
  expect(written([3, 3], "en")).toBe("3");
});

test("numbers are typed as the page's language writes them, and read so", () => {
  const pool: OperationDocument = { kind: "upsample", form: "move", options: [{ name: "scale_factor", required: true, schema: { type: "array", items: { type: "number" } } }] };
  const [, field] = proposedFields(pool, { scale_factor: [0.5, 2] }, "es");
  expect(field).toMatchObject({ text: "0,5; 2", fractions: true });
  expect(proposedFields(pool, { scale_factor: [0.5, 2] }, "en")[1]!.text).toBe("0.5, 2");
  const read = (text: string, language: string, fractions = true): unknown => valueOf({ sort: "numbers", text, fractions }, language);
  expect([read("0,5", "es"), read("0.5", "es"), read("0,5; 2", "es"), read("0,5, 2", "es"), read("0.5, 2", "en")]).toEqual([0.5, 0.5, [0.5, 2], [0.5, 2], [0.5, 2]]);
  // Whole numbers have no decimals, and a comma parts them.
  expect([read("3,5", "es", false), read("3; 5", "es", false), read("−1", "es", false)]).toEqual([[3, 5], [3, 5], -1]);
  // Thousands apart are one number, with any space where decimals follow.
  const spaces = [" ", "\u00a0", "\u2009", "\u202f"];
  expect(spaces.map((space) => read(`1${space}234,5`, "es"))).toEqual([1234.5, 1234.5, 1234.5, 1234.5]);
  expect(spaces.map((space) => read(`1${space}234`, "es", false))).toEqual([[1, 234], 1234, 1234, 1234]);
  expect([read("1 234 567,5; 2", "es"), read("−1 234.5", "en"), read("0,5 224,5", "es")]).toEqual([[1234567.5, 2], -1234.5, [0.5, 224.5]]);
});
