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
  const fields = fieldsOf(LAYER, CONV);
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
  const fields = fieldsOf(LAYER, CONV);
  expect(changedValues(fields, { kernel_size: "5 × 3", padding: "same", ceil_mode: "true", stride: "2" })).toEqual({ kernel_size: [5, 3], padding: "same", ceil_mode: true });
});

test("a proposal's sizes stand before the options", () => {
  expect(proposedFields(CONV, { out_channels: 2, padding: 1 }).map(({ name, text }) => [name, text]).slice(0, 5)).toEqual([
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
  const [, second] = proposedFields(add, { inputs: ["layers.0.activations"] }, others);
  expect(second).toMatchObject({ name: "inputs", sort: "tensors", text: "layers.0.activations", titles: ["edges", "inputs"] });
  expect(changedValues([second!], { inputs: "inputs" })).toEqual({ inputs: ["inputs"] });
});

test("what is typed goes as it is where it is no number", () => {
  expect(valueOf({ sort: "numbers", text: "many" })).toBe("many");
  expect(valueOf({ sort: "numbers", text: " " })).toBeUndefined();
  expect(written([3, 3])).toBe("3");
});
