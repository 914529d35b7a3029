import { describe, expect, test } from "vitest";

import { pictureOf, pixelsOf, tablesOf } from "./picture";
import type { LabTensor } from "./protocol";

/** A tensor whose elements lie in memory in their order, or with the strides given. */
function tensor(shape: number[], dtype = "float32", stride?: number[]): LabTensor {
  const ordered = shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  return { kind: "torch", dtype, shape, stride: stride ?? ordered, offset: 0, storage: "s0" };
}

// Two rows of two pixels, each red, green and blue in turn.
const PIXELS = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0.5];
const DRAWN = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 128, 128, 128, 255];

describe("pictures", () => {
  test("colours may be the last dimension or, as torch has them, the first", () => {
    const last = tensor([2, 2, 3]);
    const first = tensor([3, 2, 2], "float32", [1, 6, 3]);
    for (const each of [last, first]) {
      const picture = pictureOf(each, PIXELS)!;
      expect([picture.height, picture.width]).toEqual([2, 2]);
      expect([...pixelsOf(picture, PIXELS, "float32")]).toEqual(DRAWN);
    }
    expect(pictureOf(last, PIXELS)!.channels).toBe("last");
    expect(pictureOf(first, PIXELS)!.channels).toBe("first");
  });

  test("where both ends are three, the memory tells a permuted picture from one as it was written", () => {
    const values = Array<number>(18).fill(0.5);
    expect(pictureOf(tensor([3, 2, 3]), values)).toMatchObject({ channels: "last", height: 3, width: 2 });
    expect(pictureOf(tensor([3, 2, 3], "float32", [1, 9, 3]), values)).toMatchObject({ channels: "first", height: 2, width: 3 });
  });

  test("bytes are taken as they are", () => {
    const bytes = [7, 200, 255];
    expect([...pixelsOf(pictureOf(tensor([1, 1, 3], "uint8"), bytes)!, bytes, "uint8")]).toEqual([7, 200, 255, 255]);
  });

  test("numbers that are no brightness are no picture", () => {
    expect(pictureOf(tensor([3, 1, 1]), [0.5, -0.1, 0.2])).toBeNull();
    expect(pictureOf(tensor([3, 1, 1], "int64"), [0, 1, 2])).toBeNull();
    expect(pictureOf(tensor([3, 1, 1]), [0.5, Number.NaN, 0.2])).toBeNull();
    expect(pictureOf(tensor([2, 4, 5]), Array<number>(40).fill(0.5))).toBeNull();
    expect(pictureOf(tensor([3, 0, 4]), [])).toBeNull();
  });

  test("a grey picture is drawn where its numbers are too many to read", () => {
    const values = Array<number>(28 * 28).fill(0.2);
    for (const shape of [[28, 28], [1, 28, 28], [28, 28, 1]]) {
      expect(pictureOf(tensor(shape), values)).toMatchObject({ channels: "none", height: 28, width: 28 });
    }
    expect(pictureOf(tensor([4, 4]), values)).toBeNull();
  });
});

describe("tables", () => {
  const read = (shape: number[], channels: "first" | "last" | "none") =>
    tablesOf(tensor(shape), channels).map(({ colour, index, cells, columns }) => ({ said: colour + index, at: cells.map(({ at }) => at), columns }));

  test("a picture has one for each colour, and says which slice that is", () => {
    expect(read([3, 1, 2], "first")).toEqual([
      { said: "R[0]", at: [0, 1], columns: 2 },
      { said: "G[1]", at: [2, 3], columns: 2 },
      { said: "B[2]", at: [4, 5], columns: 2 },
    ]);
    expect(read([1, 2, 3], "last")[1]).toEqual({ said: "G[:, :, 1]", at: [1, 4], columns: 2 });
  });

  test("of more dimensions than two there is one for each slice", () => {
    expect(read([2, 2, 1, 2], "none").map(({ said }) => said)).toEqual(["[0, 0]", "[0, 1]", "[1, 0]", "[1, 1]"]);
    expect(read([2, 3], "none")).toEqual([{ said: "", at: [0, 1, 2, 3, 4, 5], columns: 3 }]);
    expect(read([2, 0, 3], "none")).toHaveLength(1);
    expect(read([], "none")).toEqual([{ said: "", at: [0], columns: 1 }]);
  });
});
