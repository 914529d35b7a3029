import { expect, test } from "vitest";

import { kindOf } from "./kinds";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : part)));

test.each([
  ["a safetensors file of any name", bytes([64, 0, 0, 0, 0, 0, 0, 0], '{"0.weight":'), "safetensors"],
  ["one whose header's length looks like UTF-16's mark", bytes([0xff, 0xfe, 0, 0, 0, 0, 0, 0], "{"), "safetensors"],
  ["JSON", bytes('{"layers": []}'), "json"],
  ["JSON after a byte order mark and blanks", bytes([0xef, 0xbb, 0xbf], ' \n{"layers": []}'), "json"],
  ["a table", bytes("x1,x2\n1,2\n"), "text"],
  ["a table in Spanish", bytes("año;edad\n1;2\n"), "text"],
  ["an array", bytes("[[1, 2]]"), "text"],
  ["UTF-16 with its mark", bytes([0xff, 0xfe, 0x7b, 0]), "utf-16"],
  ["UTF-16 without a mark", bytes([0x7b, 0, 0x22, 0]), "utf-16"],
  ["a zip, as torch.save and np.savez write", bytes("PK", [3, 4, 0, 0]), "zip"],
  ["a pickle", bytes([0x80, 2, 0x7d, 0x71, 0]), "other"],
  ["HDF5", bytes([0x89], "HDF\r\n", [0x1a, 0x0a, 0]), "other"],
  ["ONNX", bytes([8, 7, 0x12, 7], "pytorch"), "other"],
  ["nothing", bytes(), "text"],
])("%s", (_, head, kind) => expect(kindOf(head)).toBe(kind));

test("text that is called as networks are is no table", () => {
  for (const name of ["model.onnx", "model.onnx.data", "net.PT2", "rows.csv", "model"]) {
    expect(kindOf(bytes("version https://git-lfs.github.com/spec/v1"), name)).toBe(/\.(onnx|PT2)$/.test(name) ? "other" : "text");
  }
});

test("a letter that is cut at the end of the head is no fault", () => expect(kindOf(bytes("a", [0xc3]))).toBe("text"));
