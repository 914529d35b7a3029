import { expect, test } from "vitest";

import { decodeFrame } from "./frames";

const order = [
  { name: "inputs", shape: [3] },
  { name: "layers.0.activations", shape: [2] },
];

function frame(seq: number, values: number[]): ArrayBuffer {
  const buffer = new ArrayBuffer(4 + 4 * values.length);
  new DataView(buffer).setUint32(0, seq, true);
  new Float32Array(buffer, 4).set(values);
  return buffer;
}

test("arrays by name, in the announced order", () => {
  const pass = decodeFrame(frame(7, [1, 2, 3, 0.5, -0.5]), order);
  expect(pass.seq).toBe(7);
  expect([...pass.arrays.get("inputs")!]).toEqual([1, 2, 3]);
  expect([...pass.arrays.get("layers.0.activations")!]).toEqual([0.5, -0.5]);
});

test.each([[[1, 2, 3, 4]], [[1, 2, 3, 4, 5, 6]]])("refuses a frame of another length", (values) => {
  expect(() => decodeFrame(frame(1, values), order)).toThrow(RangeError);
});
