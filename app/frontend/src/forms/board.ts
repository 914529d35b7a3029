import type { Outline } from "../world/types";
import type { Group, Layout } from "./decode";

/** How the terms of a sum stand as small pictures: a window, the picture that a row was, or a row. Found once for a layout. */
export interface Board {
  /** strip: a row of cells; picture: one or several panels of rows and columns. */
  readonly sort: "strip" | "picture";
  readonly columns: number;
  readonly rows: number;
  /** Of each cell of the board the place of a part; −1 where there is none. Row by row. */
  readonly parts: Int32Array;
  /** Of each part's place on the board; −1 where it has none. */
  readonly cells: Int32Array;
  /** Rows and columns of one panel; panels stand a cell apart. */
  readonly panel: readonly [rows: number, columns: number];
}

/** A picture by itself, of so many pixels along each side. */
export function boardOfPicture(side: number): Board {
  const cells = Int32Array.from({ length: side * side }, (_, k) => k);
  return { sort: "picture", columns: side, rows: side, parts: cells, cells, panel: [side, side] };
}

const LONGEST_STRIP = 320;
/** Up to so many cells in a row stand in one line. */
const LINE = 64;

/** The board of a group's cells; null where they are too few or too many to be seen so. */
export function boardOf(outline: Outline, layout: Layout, group: Group): Board | null {
  if (group.count < 2) return null;
  return windowOf(outline, layout, group) ?? pictureOf(outline, layout, group) ?? stripOf(layout, group);
}

/** A convolution's or a pooling's window: cells that vary in two dimensions or more, one panel for each of what is before them. */
function windowOf(outline: Outline, layout: Layout, group: Group): Board | null {
  // By the kernel's own places, where there are any: at a border the window is cut, and the kernel is not.
  const places = (isKernel(outline, group.parameter?.tensor ?? null) && group.parameter?.places) || group.places;
  const at = Array.from({ length: group.count }, (_, k) => places.at(k));
  const rank = at[0]!.length;
  if (rank < 2) return null;
  const spans = Array.from({ length: rank }, (_, d) => span(at.map((each) => each[d]!)));
  const shape = places === group.places ? null : shapeOf(outline, places.tensor);
  const [rowSpan, columnSpan] = [spans[rank - 2]!, spans[rank - 1]!];
  const whole = (d: number): [number, number] => (shape ? [0, shape[d]!] : [spans[d]!.low, spans[d]!.size]);
  if (rowSpan.size * columnSpan.size < 2 || rowSpan.size === 1) return null;
  const [[top, height], [left, width]] = [whole(rank - 2), whole(rank - 1)];
  const before = at.map((each) => each.slice(0, rank - 2).join());
  const panels = [...new Set(before)];
  const across = Math.ceil(Math.sqrt((panels.length * height) / width));
  const found = at.map((each, k) => {
    const panel = panels.indexOf(before[k]!);
    return [Math.floor(panel / across) * (height + 1) + each[rank - 2]! - top, (panel % across) * (width + 1) + each[rank - 1]! - left] as const;
  });
  return placed(layout, group, found, [height, width]);
}

/** A row of numbers that was a picture before it was flattened, or that is one: 784 are 28 × 28. */
function pictureOf(outline: Outline, layout: Layout, group: Group): Board | null {
  const shape = pictureShape(outline, group.places.tensor, group.count);
  if (!shape) return null;
  const [channels, height, width] = shape;
  const across = Math.ceil(Math.sqrt((channels * height) / width));
  const found = Array.from({ length: group.count }, (_, k) => {
    const flat = group.places.at(k).at(-1)!;
    const [channel, within] = [Math.floor(flat / (height * width)), flat % (height * width)];
    return [
      Math.floor(channel / across) * (height + 1) + Math.floor(within / width),
      (channel % across) * (width + 1) + (within % width),
    ] as const;
  });
  return placed(layout, group, found, [height, width]);
}

/** Channels, height and width of the picture that a row of numbers is or was; null where it was none. */
export function pictureShape(outline: Outline, tensor: string, count: number): [number, number, number] | null {
  const shape = shapeOf(outline, tensor);
  if (shape?.length !== 1 || shape[0] !== count) return null;
  let layer = outline.layers.find(({ activations }) => activations.name === tensor);
  while (layer && MOVES.has(layer.kind)) {
    const before = shapeOf(outline, layer.takes[0] ?? "");
    if (before && before.length >= 2 && before.length <= 3) {
      const [height, width] = before.slice(-2) as [number, number];
      return [before.length === 3 ? before[0]! : 1, height, width];
    }
    const taken: string | undefined = layer.takes[0];
    layer = outline.layers.find(({ activations }) => activations.name === taken);
  }
  const side = Math.sqrt(count);
  return !layer && Number.isInteger(side) && side >= 7 && outline.inputs.some(({ name }) => name === tensor) ? [1, side, side] : null;
}

const MOVES = new Set(["flatten", "reshape", "view", "contiguous"]);

function stripOf(layout: Layout, group: Group): Board | null {
  if (group.count > LONGEST_STRIP) return null;
  const columns = Math.ceil(group.count / Math.ceil(group.count / LINE));
  const found = Array.from({ length: group.count }, (_, k) => [Math.floor(k / columns), k % columns] as const);
  return placed(layout, group, found, [Math.ceil(group.count / columns), columns], "strip");
}

function placed(
  layout: Layout,
  group: Group,
  found: readonly (readonly [row: number, column: number])[],
  panel: readonly [number, number],
  sort: Board["sort"] = "picture",
): Board {
  // A loop: spread, thousands of arguments are too many for some browsers.
  let [rows, columns] = [...panel];
  for (const [row, column] of found) {
    rows = Math.max(rows, Math.ceil((row + 1) / (panel[0] + 1)) * (panel[0] + 1) - 1);
    columns = Math.max(columns, Math.ceil((column + 1) / (panel[1] + 1)) * (panel[1] + 1) - 1);
  }
  const parts = new Int32Array(rows * columns).fill(-1);
  const cells = new Int32Array(layout.count).fill(-1);
  found.forEach(([row, column], k) => {
    parts[row * columns + column] = group.start + k;
    cells[group.start + k] = row * columns + column;
  });
  return { sort, rows, columns, parts, cells, panel };
}

function span(values: readonly number[]): { low: number; size: number } {
  const [low, high] = values.reduce(([least, most], each) => [Math.min(least, each), Math.max(most, each)], [Infinity, -Infinity] as [number, number]);
  return { low, size: high - low + 1 };
}

/** Whether it is a convolution's weights; what one tensor of the pass is multiplied with in another is none, however many dimensions it has. */
const isKernel = ({ layers }: Outline, tensor: string | null): boolean => layers.some(({ parameters }) => parameters.some(({ name, shape }) => name === tensor && shape.length >= 3));

export function shapeOf({ inputs, layers }: Outline, tensor: string): readonly number[] | null {
  const input = inputs.find(({ name }) => name === tensor);
  if (input) return input.shape;
  for (const { activations, preActivations, parameters } of layers) {
    const found = [activations, preActivations, ...parameters].find((each) => each?.name === tensor);
    if (found) return found.shape;
  }
  return null;
}
