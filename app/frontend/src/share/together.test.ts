import { expect, test } from "vitest";

import { formOf, together } from "./together";

const named = (name: string): File => new File([name], name);

test.each(["net.onnx.data", "model.onnx_data", "weights.bin"])("a model comes with the file of its numbers, %s, in either order", (name) => {
  const [file, beside] = [named("net.onnx"), named(name)];
  expect(together([file, beside])).toEqual({ file, beside });
  expect(together([beside, file])).toEqual({ file, beside });
});

test("other files come one at a time", () => {
  const table = named("table.csv");
  expect(together([table])).toEqual({ file: table, beside: null });
  expect(together([table, named("net.pt2")])).toBeNull();
  expect(together([named("a.onnx"), named("b.onnx")])).toBeNull();
  expect(together([named("a.onnx"), named("a.onnx.data"), table])).toBeNull();
  expect(together([])).toBeNull();
});

test("the form of two files is the same when it is sent again, so that it goes on from where it was", async () => {
  const [file, beside] = [named("net.onnx"), named("net.onnx.data")];
  const { type, body } = await formOf(file, beside);
  expect((await formOf(file, beside)).body).toBe(body);
  const sent = await new Response(body, { headers: { "Content-Type": type } }).formData();
  expect(sent.getAll("file").map((each) => (each as File).name)).toEqual(["net.onnx", "net.onnx.data"]);
});
