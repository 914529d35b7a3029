import { cellsOf, countOf, MOST_DRAWN, type Cell } from "./cells";
import type { CellValue, LabTensor } from "./protocol";

/** What of a tensor's shape are the colours of a picture: the last dimension, as files have it, or the first, as torch does. */
export type Channels = "first" | "last" | "none";

/** A tensor as a picture: where in its storage each pixel's red, green and blue are. */
export interface Picture {
  channels: Channels;
  height: number;
  width: number;
  /** Three for each pixel, row after row; thrice the same where there is one channel. */
  places: number[];
}

/** Whether every value is a brightness: from 0 to 1, or a byte. What nothing was written to is black. */
function bright(values: readonly CellValue[], cells: readonly Cell[], dtype: string): boolean {
  return dtype === "uint8" || cells.every(({ at }) => Number(values[at] ?? 0) >= 0 && Number(values[at] ?? 0) <= 1);
}

/**
 * The picture that a tensor is: (height, width, 3) or (3, height, width). Grey ones, (height, width), (1, height, width) or
 * (height, width, 1), are drawn where their numbers would be too many to read. null for any other tensor.
 */
export function pictureOf(tensor: LabTensor, values: readonly CellValue[]): Picture | null {
  const { dtype } = tensor;
  const count = countOf(tensor);
  if (count === 0) return null;
  const layout = layoutOf(tensor, count > MOST_DRAWN);
  if (!layout) return null;
  const cells = cellsOf(tensor);
  if (!bright(values, cells, dtype)) return null;
  const { channels, height, width } = layout;
  const [pixel, colour] = channels === "last" ? [3, 1] : channels === "first" ? [1, height * width] : [1, 0];
  const places = Array.from({ length: height * width }, (_, i) => [0, 1, 2].map((c) => cells[i * pixel + c * colour]!.at));
  return { channels, height, width, places: places.flat() };
}

function layoutOf({ shape, stride }: LabTensor, many: boolean): Omit<Picture, "places"> | null {
  const [first = 0, second = 0, third = 0] = shape;
  // Where both ends are 3, the colours are those that lie next to one another in memory: a permuted picture keeps its own.
  const moved = first === 3 && stride[0]! < stride[2]!;
  if (shape.length === 3 && third === 3 && !moved) return { channels: "last", height: first, width: second };
  if (shape.length === 3 && first === 3) return { channels: "first", height: second, width: third };
  if (!many) return null;
  if (shape.length === 2) return { channels: "none", height: first, width: second };
  if (shape.length === 3 && first === 1) return { channels: "none", height: second, width: third };
  if (shape.length === 3 && third === 1) return { channels: "none", height: first, width: second };
  return null;
}

/** The colours of a picture's pixels, four bytes each, as a canvas takes them. */
export function pixelsOf({ places }: Picture, values: readonly CellValue[], dtype: string): Uint8ClampedArray<ArrayBuffer> {
  const whole = dtype === "uint8" ? 1 : 255;
  const bytes = new Uint8ClampedArray((places.length / 3) * 4).fill(255);
  places.forEach((at, i) => (bytes[Math.floor(i / 3) * 4 + (i % 3)] = whole * Number(values[at] ?? 0)));
  return bytes;
}

/** A table of two dimensions: the whole tensor, or one slice of it with the index that gives it. */
export interface Table {
  /** R, G or B, of a picture's colours. */
  colour: string;
  /** As in image[0]; empty for the whole. */
  index: string;
  cells: Cell[];
  columns: number;
}

const COLOURS = ["R", "G", "B"];

/** The tables of a tensor: of more than two dimensions one for each slice, and a picture's colours are its slices. */
export function tablesOf(tensor: LabTensor, channels: Channels): Table[] {
  const { shape } = tensor;
  const cells = cellsOf(tensor);
  if (channels === "last") {
    return COLOURS.map((colour, c) => {
      const own = cells.filter(({ place }) => place[2] === c);
      return { colour, index: `[:, :, ${c}]`, cells: own, columns: shape[1]! };
    });
  }
  const columns = shape.at(-1) ?? 1;
  if (shape.length < 3 || cells.length === 0) return [{ colour: "", index: "", cells, columns }];
  const size = columns * shape.at(-2)!;
  return Array.from({ length: cells.length / size }, (_, k) => {
    const own = cells.slice(k * size, (k + 1) * size);
    return { colour: channels === "first" ? COLOURS[k]! : "", index: `[${own[0]!.place.slice(0, -2).join(", ")}]`, cells: own, columns };
  });
}
