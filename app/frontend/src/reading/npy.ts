/** NumPy's files: .npy, one array, and .npz, a zip archive of several by name. Numbers only, never a pickle. */

import { Unread, shown } from "./words";

export interface NumberArray {
  shape: number[];
  /** Row by row, whatever order the file has them in. */
  values: Float64Array;
}

/** So much a file may unpack to. */
const MOST_BYTES = 64 * 2 ** 20;
const LONGEST_HEADER = 65_536;
const HEADER =
  /^\{\s*'descr':\s*'([<>|=])([fiub])(\d)',\s*'fortran_order':\s*(True|False),\s*'shape':\s*\(([\d,\s]*)\),?\s*\}\s*$/;

/** The array of a .npy file. Throws Unread. */
export function readNpy(bytes: Uint8Array<ArrayBuffer>): NumberArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) throw new Unread("file-damaged");
  const short = bytes[6] === 1;
  const length = short ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = (short ? 10 : 12) + length;
  if (length > LONGEST_HEADER || start > bytes.length) throw new Unread("file-damaged");
  const header = new TextDecoder("latin1").decode(bytes.subarray(short ? 10 : 12, start));
  const found = HEADER.exec(header);
  if (!found) throw new Unread("array-type", { text: shown(/'descr':\s*([^,]*)/.exec(header)?.[1] ?? header.trim()) });
  const [, order, letter, size, fortran, sides] = found as unknown as [string, string, string, string, string, string];
  const shape = sides.split(",").map((side) => side.trim()).filter(Boolean).map(Number);
  const count = shape.reduce((all, side) => all * side, 1);
  if (!Number.isSafeInteger(count) || count * 8 > MOST_BYTES) throw new Unread("file-too-large", { most: MOST_BYTES / 2 ** 20 });
  const width = Number(size);
  const number = readerOf(letter, width);
  if (!number) throw new Unread("array-type", { text: `${letter}${size}` });
  if (start + count * width > bytes.length) throw new Unread("file-damaged");
  const little = order !== ">";
  const values = Float64Array.from({ length: count }, (_, k) => number(view, start + k * width, little));
  return { shape, values: fortran === "True" ? rowByRow(values, shape) : values };
}

type ReadNumber = (view: DataView, at: number, little: boolean) => number;

function readerOf(letter: string, width: number): ReadNumber | undefined {
  const readers: Record<string, ReadNumber> = {
    f2: (view, at, little) => half(view.getUint16(at, little)),
    f4: (view, at, little) => shortest(view.getFloat32(at, little)),
    f8: (view, at, little) => view.getFloat64(at, little),
    i1: (view, at) => view.getInt8(at),
    i2: (view, at, little) => view.getInt16(at, little),
    i4: (view, at, little) => view.getInt32(at, little),
    i8: (view, at, little) => Number(view.getBigInt64(at, little)),
    u1: (view, at) => view.getUint8(at),
    u2: (view, at, little) => view.getUint16(at, little),
    u4: (view, at, little) => view.getUint32(at, little),
    u8: (view, at, little) => Number(view.getBigUint64(at, little)),
    b1: (view, at) => (view.getUint8(at) === 0 ? 0 : 1),
  };
  return readers[`${letter}${width}`];
}

/** A number of 16 bits: a sign, five bits of exponent, ten of fraction. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The shortest decimals that are the same float32: 0.1 and not 0.10000000149011612. */
export function shortest(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

/** Numbers that lie column by column, as they would lie row by row. */
function rowByRow(values: Float64Array, shape: readonly number[]): Float64Array {
  const steps = shape.map((_, k) => shape.slice(0, k).reduce((all, side) => all * side, 1));
  return values.map((_, k) => {
    let [rest, from] = [k, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += (rest % shape[axis]!) * steps[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return values[from]!;
  });
}

/** The arrays of a zip archive by name, null for one that holds no numbers; null where it holds none at all, and is no .npz. Throws Unread. */
export async function readNpz(file: Blob): Promise<Map<string, NumberArray | null> | null> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const entries = entriesOf(bytes).filter(({ name }) => name.endsWith(".npy"));
  if (entries.length === 0) return null;
  if (entries.reduce((all, { size }) => all + size, 0) > MOST_BYTES) throw new Unread("file-too-large", { most: MOST_BYTES / 2 ** 20 });
  const found = new Map<string, NumberArray | null>();
  let problem: Unread | null = null;
  for (const entry of entries) {
    let array: NumberArray | null = null;
    try {
      array = readNpy(await unpacked(bytes, entry));
    } catch (error) {
      // Words beside numbers are no fault of these, and neither is an array that is too large.
      if (!(error instanceof Unread) || error.code === "file-damaged") throw error;
      problem ??= error;
    }
    found.set(entry.name.slice(0, -4), array);
  }
  if (problem && [...found.values()].every((array) => array === null)) throw problem;
  return found;
}

interface Entry {
  name: string;
  method: number;
  packed: number;
  size: number;
  at: number;
}

const END = 0x06054b50;
const RECORD = 0x02014b50;
const UNKNOWN = 0xffffffff;

/** What a zip archive lists at its end. */
function entriesOf(bytes: Uint8Array<ArrayBuffer>): Entry[] {
  const view = new DataView(bytes.buffer);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END) end--;
  if (end < 0) return [];
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let k = view.getUint16(end + 10, true); k > 0 && at + 46 <= bytes.length && view.getUint32(at, true) === RECORD; k--) {
    const [named, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [number, number, number];
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + named));
    const sizes = { packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true), at: view.getUint32(at + 42, true) };
    // NumPy asks for the long form of its sizes, and writes them short here where they fit.
    if (Object.values(sizes).includes(UNKNOWN)) throw new Unread("file-too-large", { most: MOST_BYTES / 2 ** 20 });
    entries.push({ name, method: view.getUint16(at + 10, true), ...sizes });
    at += 46 + named + extra + comment;
  }
  return entries;
}

async function unpacked(bytes: Uint8Array<ArrayBuffer>, { method, packed, size, at }: Entry): Promise<Uint8Array<ArrayBuffer>> {
  const view = new DataView(bytes.buffer);
  if (at + 30 > bytes.length) throw new Unread("file-damaged");
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const own = bytes.slice(start, start + packed);
  if (own.length !== packed) throw new Unread("file-damaged");
  if (method === 0) return own;
  if (method !== 8) throw new Unread("file-damaged");
  const found = new Uint8Array(size);
  let filled = 0;
  const reader = new Blob([own]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      // No more is taken than what the list says.
      if (filled + step.value.length > size) throw new Unread("file-damaged");
      found.set(step.value, filled);
      filled += step.value.length;
    }
  } catch {
    throw new Unread("file-damaged");
  } finally {
    void reader.cancel().catch(() => undefined);
  }
  if (filled !== size) throw new Unread("file-damaged");
  return found;
}
