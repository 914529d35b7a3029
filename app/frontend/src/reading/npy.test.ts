import { expect, it } from "vitest";

import { dataIn } from "./files";
import { readNpy, readNpz, shortest } from "./npy";
import { resized } from "./resize";
import { Unread } from "./words";

/** A .npy file as NumPy writes it. */
function npy(descr: string, shape: string, bytes: ArrayLike<number>, fortran = "False"): Uint8Array<ArrayBuffer> {
  const header = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`.padEnd(117) + "\n";
  const text = new TextEncoder().encode(header);
  return Uint8Array.from([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, text.length & 255, text.length >> 8, ...text, ...Array.from(bytes)]);
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer);

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof Unread) return error.code;
  }
  return "";
}

it("reads numbers of every width, either end first", () => {
  expect(readNpy(npy("<f4", "(2, 2)", bytesOf(Float32Array.of(0.1, -2, 3e38, 0))))).toEqual({ shape: [2, 2], values: Float64Array.of(0.1, -2, 3e38, 0) });
  expect([...readNpy(npy(">i2", "(2,)", [1, 2, 255, 255])).values]).toEqual([258, -1]);
  expect([...readNpy(npy("<f2", "(3,)", [0, 0x3c, 0x66, 0x2e, 1, 0])).values]).toEqual([1, 0.0999755859375, 2 ** -24]);
  expect([...readNpy(npy("|b1", "(3,)", [0, 1, 2])).values]).toEqual([0, 1, 1]);
  expect([...readNpy(npy("<i8", "()", bytesOf(BigInt64Array.of(-5n)))).values]).toEqual([-5]);
  expect([...readNpy(npy("|u1", "(2, 3)", [1, 4, 2, 5, 3, 6], "True")).values]).toEqual([1, 2, 3, 4, 5, 6]);
});

it("refuses what is no array of numbers, and what is not all there", () => {
  expect(codeOf(() => readNpy(npy("|O", "(1,)", [128, 4, 46])))).toBe("array-type");
  expect(codeOf(() => readNpy(npy("<U4", "(1,)", [])))).toBe("array-type");
  expect(codeOf(() => readNpy(npy("<f8", "(3,)", [0, 0])))).toBe("file-damaged");
  expect(codeOf(() => readNpy(npy("<f8", "(99999999, 99999999)", [])))).toBe("file-too-large");
  expect(codeOf(() => readNpy(new Uint8Array(4)))).toBe("file-damaged");
});

it("writes float32 in the fewest digits that give it back", () => {
  for (const value of [0.1, 1 / 3, 1e-7, 16777217, 3.4028234e38, 0]) expect(Math.fround(shortest(Math.fround(value)))).toBe(Math.fround(value));
  expect(shortest(Math.fround(0.1))).toBe(0.1);
});

it("takes one input, a batch, and inputs that have another shape in a row", async () => {
  const rows = async (shape: string, count: number, wanted: number[]): Promise<unknown> =>
    (await dataIn(new Blob([npy("|u1", shape, Array(count).fill(7))]), "npy", { shape: wanted, top: 1 }))?.rows;
  expect(await rows("(4,)", 4, [4])).toEqual([[7, 7, 7, 7]]);
  expect(await rows("(2, 4)", 8, [4])).toEqual(Array(2).fill([7, 7, 7, 7]));
  expect(await rows("(2, 2)", 4, [4])).toEqual([[7, 7, 7, 7]]);
  expect(await rows("(3, 2, 2)", 12, [4])).toEqual(Array(3).fill([7, 7, 7, 7]));
  expect(await rows("(3, 1, 2, 2)", 12, [1, 2, 2])).toEqual(Array(3).fill([7, 7, 7, 7]));
  expect(await rows("(5,)", 5, [1])).toEqual(Array(5).fill([7]));
  await expect(rows("(5,)", 5, [4])).rejects.toMatchObject({ code: "array-shape" });
  await expect(rows("(0, 4)", 0, [4])).rejects.toMatchObject({ code: "empty" });
});

it("says where a number is none", async () => {
  const file = new Blob([npy("<f4", "(2, 2)", bytesOf(Float32Array.of(1, 2, 3, NaN)))]);
  await expect(dataIn(file, "npy", { shape: [2], top: 1 })).rejects.toMatchObject({ code: "not-a-number", values: { line: 2, column: 2 } });
});

it("knows an archive without arrays for none of NumPy's", async () => {
  expect(await readNpz(new Blob([Uint8Array.of(0x50, 0x4b, 3, 4)]))).toBeNull();
});

it("keeps a plain picture plain in any size, and a size as it is", () => {
  const plain = new Uint8Array(60).fill(200);
  expect([...resized(plain, 10, 6, 3, 4)]).toEqual(Array(12).fill(200));
  expect(resized(plain, 10, 6, 10, 6)).toBe(plain);
});
