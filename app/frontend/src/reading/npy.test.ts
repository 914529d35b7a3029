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
    (await dataIn(new Blob([npy("|u1", shape, Array(count).fill(7))]), "npy", { shape: wanted, top: 1, targets: [] }))?.rows;
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
  await expect(dataIn(file, "npy", { shape: [2], top: 1, targets: [1] })).rejects.toMatchObject({ code: "not-a-number", values: { line: 2, column: 2 } });
});

it("knows an archive without arrays for none of NumPy's", async () => {
  expect(await readNpz(new Blob([Uint8Array.of(0x50, 0x4b, 3, 4)]))).toBeNull();
});

it("keeps a plain picture plain in any size, and a size as it is", () => {
  const plain = new Uint8Array(60).fill(200);
  expect([...resized(plain, 10, 6, 3, 4)]).toEqual(Array(12).fill(200));
  expect(resized(plain, 10, 6, 10, 6)).toBe(plain);
});

/** A .npz as numpy.savez writes it, its entries as they are. */
function npz(arrays: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const list: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const [name, bytes] of Object.entries(arrays)) {
    const called = new TextEncoder().encode(`${name}.npy`);
    const [local, record] = [new DataView(new ArrayBuffer(30)), new DataView(new ArrayBuffer(46))];
    local.setUint32(0, 0x04034b50, true);
    local.setUint16(26, called.length, true);
    record.setUint32(0, 0x02014b50, true);
    for (const place of [20, 24]) record.setUint32(place, bytes.length, true);
    record.setUint16(28, called.length, true);
    record.setUint32(42, at, true);
    parts.push(new Uint8Array(local.buffer), called, bytes);
    list.push(new Uint8Array(record.buffer), called);
    at += 30 + called.length + bytes.length;
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(10, Object.keys(arrays).length, true);
  end.setUint32(16, at, true);
  return new Blob([...parts, ...list, new Uint8Array(end.buffer)]);
}

const bytes = (shape: string, ...values: number[]): Uint8Array<ArrayBuffer> => npy("|u1", shape, values);
const WANTED = { shape: [2], top: 1, targets: [1, 3] };

it("takes what is right for the rows by its name, and tells both", async () => {
  const found = async (arrays: Readonly<Record<string, Uint8Array<ArrayBuffer>>>): Promise<unknown[]> => {
    const data = await dataIn(npz(arrays), "zip", WANTED);
    return [data?.rows, ...(data?.notes ?? []).map(({ code, values }) => `${code} ${Object.values(values).join("|")}`)];
  };
  const [x, y] = [bytes("(2, 2)", 1, 2, 3, 4), bytes("(2,)", 0, 1)];
  const both = [[1, 2, 0], [3, 4, 1]];
  expect(await found({ x, y })).toEqual([both, "arrays-right x|y"]);
  expect(await found({ Y: y, X: x })).toEqual([both, "arrays-right X|Y"]);
  expect(await found({ arr_0: x, arr_1: y })).toEqual([both, "arrays-right arr_0|arr_1"]);
  expect(await found({ images: x, labels: bytes("(2, 1)", 0, 1) })).toEqual([both, "arrays-right images|labels"]);
  expect(await found({ inputs: x, targets: bytes("(2, 3)", 1, 0, 0, 0, 1, 0) })).toEqual([[[1, 2, 1, 0, 0], [3, 4, 0, 1, 0]], "arrays-right inputs|targets"]);
  // What was held out comes before what was learnt from, each with its own.
  const train = { x_train: bytes("(1, 2)", 9, 9), y_train: bytes("(1,)", 9) };
  expect(await found({ ...train, x_test: x, y_test: y })).toEqual([both, "arrays-right x_test|y_test", "arrays-left x_test, y_test|x_train, y_train"]);
  expect(await found({ train_images: x, train_labels: y })).toEqual([both, "arrays-right train_images|train_labels"]);
  // Of another length, or of numbers that no output has, it is none of theirs; words are left out.
  expect(await found({ x, y: bytes("(3,)", 0, 1, 2) })).toEqual([[[1, 2], [3, 4]], "arrays-left x|y"]);
  expect(await found({ x, y: bytes("(2, 2)", 0, 1, 1, 0) })).toEqual([[[1, 2], [3, 4]], "arrays-left x|y"]);
  expect(await found({ x, y: npy("<U4", "(2,)", Array(32).fill(65)) })).toEqual([[[1, 2], [3, 4]], "arrays-left x|y"]);
  await expect(found({ x: npy("|O", "(2,)", []) })).rejects.toMatchObject({ code: "array-type" });
});

it("puts an array of as many numbers as there are rows after them, and says where more than fit are left out", async () => {
  const there = [[1, 2], [3, 4], [5, 6]];
  const given = (shape: string, count: number): ReturnType<typeof dataIn> => dataIn(new Blob([npy("|u1", shape, Array.from({ length: count }, (_, k) => k))]), "npy", WANTED, there);
  expect(await given("(3,)", 3)).toEqual({ rows: [[1, 2, 0], [3, 4, 1], [5, 6, 2]], notes: [{ code: "array-right", values: { count: 3 } }] });
  expect((await given("(3, 1)", 3))?.rows[2]).toEqual([5, 6, 2]);
  expect((await given("(3, 2)", 6))?.rows).toEqual([[0, 1], [2, 3], [4, 5]]);
  await expect(given("(4,)", 4)).rejects.toMatchObject({ code: "array-shape" });
  const long = await given("(1200, 2)", 2400);
  expect([long?.rows.length, long?.notes]).toEqual([1000, [{ code: "rows-first", values: { count: 1200, most: 1000 } }]]);
});
