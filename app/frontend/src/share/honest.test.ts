import { deflateSync } from "node:zlib";

import { expect, test } from "vitest";

import { onlyPixel } from "./honest";

function chunk(kind: string, data: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, Buffer.from(kind), data, Buffer.alloc(4)]);
}

test.each([0, 1, 2, 3, 4])("the pixel is the same whichever filter a PNG writes it with: %i", async (filter) => {
  const packed = deflateSync(Buffer.from([filter, 27, 90, 176, 255]));
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", Buffer.alloc(13)),
    chunk("IDAT", packed.subarray(0, 5)),
    chunk("IDAT", packed.subarray(5)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
  expect([...(await onlyPixel(new Uint8Array(png)))]).toEqual([27, 90, 176]);
});

test("what holds no pixel gives none", async () => {
  expect(await onlyPixel(new Uint8Array(8))).toHaveLength(0);
});
