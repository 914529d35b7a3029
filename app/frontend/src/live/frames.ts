import type { Slot } from "./protocol";

/** One pass as the server computed it: every array by name, as a view into the frame that brought it. */
export interface Pass {
  seq: number;
  arrays: ReadonlyMap<string, Float32Array>;
}

const HEADER_BYTES = 4;

/** The sequence number that a frame begins with. */
export const sequenceOf = (buffer: ArrayBuffer): number => new DataView(buffer).getUint32(0, true);

/**
 * Reads a binary frame: a little-endian uint32 sequence number, then the float32 values of every slot in order.
 * Throws RangeError where the frame's length is not what the order announced.
 */
export function decodeFrame(buffer: ArrayBuffer, order: readonly Slot[]): Pass {
  const seq = sequenceOf(buffer);
  const arrays = new Map<string, Float32Array>();
  let offset = HEADER_BYTES;
  for (const slot of order) {
    const length = slot.shape.reduce((product, size) => product * size, 1);
    arrays.set(slot.name, new Float32Array(buffer, offset, length));
    offset += length * Float32Array.BYTES_PER_ELEMENT;
  }
  if (offset !== buffer.byteLength) {
    throw new RangeError(`the frame holds ${buffer.byteLength} bytes, its order announces ${offset}`);
  }
  return { seq, arrays };
}
