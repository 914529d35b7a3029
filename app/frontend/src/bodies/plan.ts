import { flatOf, indexOf, sizeOf } from "../world/cells";
import type { Box, Point } from "../world/types";

/** Where a tensor's cells are drawn, by its shape: few as neurons, the others as pictures, rows and strips of cells. */

/** A rectangle of cells. Its cell in row r and column c is the number at `start + r · rowStep + c · columnStep` of what is shown. */
export interface Panel extends Box {
  readonly rows: number;
  readonly columns: number;
  readonly start: number;
  readonly rowStep: number;
  readonly columnStep: number;
  /** How many cells it has: a strip's last column may be shorter than the others. */
  readonly count: number;
  /** Which of several it is, by its index in the dimensions before its own; empty where there is one alone. */
  readonly name: readonly number[];
}

export interface BodyPlan {
  readonly sort: "neurons" | "panels";
  readonly width: number;
  readonly height: number;
  /** What is shown of the tensor: its shape, or that of its blocks. */
  readonly shape: readonly number[];
  /** How many cells along each dimension are one block, of which one number is shown; null where each cell is drawn. */
  readonly by: readonly number[] | null;
  /** Of a block its largest number is shown, not its mean. */
  readonly largest?: boolean;
  /** Of which part of the tensor: from and to along each dimension; null where of all. */
  readonly region: readonly (readonly [number, number])[] | null;
  readonly panels: readonly Panel[];
  /** What is written around each panel: the words of its rows before it and those of its columns over it, and its name beneath. */
  readonly labels?: { readonly rows: boolean; readonly columns: boolean; readonly names: boolean };
}

export interface Room {
  /** At most so high and so wide at a scale of 1, in pixels. */
  readonly height: number;
  readonly width: number;
  readonly scale: number;
  /** How much larger or smaller than fitting it was asked for; what has to be read is made no smaller than that. */
  readonly zoom?: number;
  /** It is all that a screen shows at a time: what is wider is seen in part, and what is narrower wastes it. */
  readonly alone?: boolean;
}

export interface Wish {
  /** A row of numbers that was a picture of these sides. */
  readonly picture?: number | null;
  /** The one picture that fills the place. */
  readonly opened?: number | null;
  /** Of blocks the largest number, not the mean. */
  readonly largest?: boolean;
  /** An input or an output: each of a few numbers can be read, however little room there is. */
  readonly numbered?: boolean;
  /** Its numbers are whole: words of a vocabulary, of a letter or two each. */
  readonly whole?: boolean;
  /** How wide the words are that its dimensions follow, in pixels; null for those that follow none. */
  readonly follows?: readonly (number | null)[];
}

export const MOST_NEURONS = 16;
/** So many cells of a tensor are drawn; of more, blocks are. */
const MOST_CELLS = 16_384;
/** The same of one picture that was opened: 256 × 256, more than the photographs have that most networks take. */
const MOST_OPENED = 65_536;
const MOST_PANELS = 512;
/** Of one channel so many steps stand in one row. */
const MOST_STEPS = 1024;
const GAP = 10;
const NAME = 16;
/** What is made smaller than this to fit leaves all of its room to the pictures, and none to their names. */
const LEAST_NAMED = 0.7;

/** From this side on a neuron has room for what is written in it; with less it is as wide as that, and only lower. */
const WRITTEN = { fraction: { side: 36, width: 44 }, whole: { side: 20, width: 26 } };
const LOW = { pitch: 17, most: 24 };
/** Between neurons side by side: room for a name, which a word is itself. */
const BESIDE = { fraction: 24, whole: 6 };
/** So many columns of them at most. */
const MOST_COLUMNS = { fraction: 3, whole: 4 };

/** Of a strip that a network takes or gives each of so many numbers can be read, in cells of this size. */
const MOST_READ = 64;
const CELL = { width: 40, height: 16 };

/** Whether it is a row of more numbers than can be read one by one. */
export const isUnread = (shape: readonly number[]): boolean => wideDims(shape).length === 1 && sizeOf(shape) > MOST_READ;

/** On a large screen the network grows, and not the paper around it: from this height on, and at most by so much. */
const [USUAL_HEIGHT, MOST_GROWN] = [600, 1.8];
export const grownIn = ({ height, width }: Pick<Room, "height" | "width">): number => Math.max(1, Math.min(MOST_GROWN, height / USUAL_HEIGHT, width / 250));

/** How high all is laid out: what is made smaller so that all columns fit beside each other still has the whole height. */
const tallOf = ({ height, scale, zoom = scale }: Room): number => (height * zoom) / scale;

/** The dimensions that have more than one place, by number: those of one place need no room. */
export const wideDims = (shape: readonly number[]): number[] => shape.flatMap((size, k) => (size > 1 ? [k] : []));

export function planBody(shape: readonly number[], room: Room, wish: Wish = {}): BodyPlan {
  const plan = planned(shape, room, wish);
  return plan.by !== null && wish.largest ? { ...plan, largest: true } : plan;
}

function planned(shape: readonly number[], room: Room, wish: Wish): BodyPlan {
  const wide = wideDims(shape);
  const count = sizeOf(shape);
  if (wide.length <= 1) {
    if (count <= MOST_NEURONS) return neurons(shape, count, room, wish);
    // One channel of a signal: its steps stand side by side, as they do where there are several.
    if (shape.length === 2 && shape[0] === 1 && count <= MOST_STEPS) return pictures(shape, shape, room, { by: null, region: null });
    if (wish.picture) return pictures([wish.picture, wish.picture], shape, room, { by: null, region: null });
    return strip(shape, count, room, wish);
  }
  if (wish.opened !== null && wish.opened !== undefined) return openedPanel(shape, wide, room, wish.opened, wish.follows);
  const by = blocks(shape, wide);
  const shown = shape.map((size, k) => Math.ceil(size / by[k]!));
  const words = wordsOf(wide, by, wish.follows);
  return pictures(wide.map((k) => shown[k]!), shown, room, { by: by.every((n) => n === 1) ? null : by, region: null }, words);
}

/** Blocks that leave few enough cells: of the last two dimensions first, then of how many pictures there are. */
function blocks(shape: readonly number[], wide: readonly number[], most = MOST_CELLS): number[] {
  const by = shape.map(() => 1);
  const [rows, columns] = wide.slice(-2) as [number, number];
  const panels = (): number => wide.slice(0, -2).reduce((product, k) => product * Math.ceil(shape[k]! / by[k]!), 1);
  for (const k of wide.slice(0, -2)) while (panels() > MOST_PANELS && by[k]! < shape[k]!) by[k]! *= 2;
  const cells = (): number => panels() * Math.ceil(shape[rows]! / by[rows]!) * Math.ceil(shape[columns]! / by[columns]!);
  // A picture keeps its sides' proportion: its blocks are as high as they are wide.
  const isPicture = shape.length !== 2;
  while (cells() > most && (by[rows]! < shape[rows]! || by[columns]! < shape[columns]!)) {
    if (isPicture && by[rows] === by[columns] && by[rows]! < Math.min(shape[rows]!, shape[columns]!)) {
      by[rows]!++;
      by[columns]!++;
      continue;
    }
    const longer = shape[rows]! / by[rows]! >= shape[columns]! / by[columns]! ? rows : columns;
    by[longer]!++;
  }
  return by;
}

/** Its panels are made once someone asks: while sizes are tried only how large all of it is counts. */
function laidOut(plan: Omit<BodyPlan, "panels">, make: () => Panel[]): BodyPlan {
  let made: Panel[] | undefined;
  return {
    ...plan,
    get panels() {
      return (made ??= make());
    },
  };
}

function neurons(shape: readonly number[], count: number, room: Room, { numbered = false, whole = false }: Wish): BodyPlan {
  const what = whole ? "whole" : "fraction";
  const scale = numbered ? (room.zoom ?? room.scale) : room.scale;
  const grown = grownIn(room);
  const tall = Math.min(grown * 74, (numbered ? room.height : tallOf(room)) / count);
  const size = scale * Math.min(grown * 46, tall - 10);
  if (size >= WRITTEN[what].side) return inColumns(shape, count, { rows: count, pitch: scale * tall, gap: 0, width: size, height: size });
  const each = Math.min(grown * 74, room.height / count);
  if (numbered || each >= LOW.pitch) {
    const most = numbered ? Math.max(Math.ceil(count / MOST_COLUMNS[what]), Math.min(count, Math.floor(room.height / LOW.pitch))) : count;
    // None stands alone in a last column.
    const rows = Math.ceil(count / Math.ceil(count / most));
    const pitch = Math.max(LOW.pitch, scale * Math.min(grown * 74, room.height / rows));
    return inColumns(shape, count, { rows, pitch, gap: BESIDE[what], width: WRITTEN[what].width, height: Math.min(LOW.most, pitch - 2) });
  }
  // However little room there is, none lies over another.
  const bead = Math.max(Math.min(18, 0.9 * each), size);
  return inColumns(shape, count, { rows: count, pitch: Math.max(scale * tall, bead / 0.9), gap: 0, width: bead, height: bead });
}

interface Rows {
  readonly rows: number;
  /** From one to the next below it. */
  readonly pitch: number;
  /** Between columns. */
  readonly gap: number;
  readonly width: number;
  readonly height: number;
}

/** Neurons one above the other, and in a further column from so many rows on. */
function inColumns(shape: readonly number[], count: number, { rows, pitch, gap, ...size }: Rows): BodyPlan {
  const panels = (): Panel[] => Array.from({ length: count }, (_, k) => ({
    ...{ x: Math.floor(k / rows) * (size.width + gap), y: (k % rows) * pitch + (pitch - size.height) / 2, ...size },
    ...{ rows: 1, columns: 1, start: k, rowStep: 1, columnStep: 1, count: 1, name: [k] },
  }));
  return laidOut({ sort: "neurons", width: Math.ceil(count / rows) * (size.width + gap) - gap, height: pitch * rows, shape, by: null, region: null }, panels);
}

function strip(shape: readonly number[], count: number, room: Room, { numbered = false }: Wish): BodyPlan {
  const { width, scale, zoom } = room;
  const by = Math.max(1, Math.ceil(count / MOST_CELLS));
  const cells = Math.ceil(count / by);
  const read = numbered && cells <= MOST_READ;
  const height = read ? room.height : tallOf(room);
  const least = read ? CELL.height : cells > 1024 ? 2.5 : 5;
  const rows = Math.min(cells, Math.max(8, Math.floor(height / least)));
  const columns = Math.ceil(cells / rows);
  const cellHeight = Math.max(read ? CELL.height : 0, Math.min(18, height / rows));
  const cellWidth = read ? CELL.width : columns === 1 ? 30 : Math.max(3, Math.min(26, width / 4 / columns + 4));
  const dim = wideDims(shape)[0] ?? 0;
  const drawn = read ? (zoom ?? scale) : scale;
  const size = { width: drawn * columns * cellWidth, height: drawn * rows * cellHeight };
  const panel = { x: 0, y: 0, ...size, rows, columns, start: 0, rowStep: 1, columnStep: rows, count: cells, name: [] };
  return {
    ...{ sort: "panels", ...size, region: null, panels: [panel] },
    shape: shape.map((side, k) => (k === dim ? cells : side)),
    by: by === 1 ? null : shape.map((_, k) => (k === dim ? by : 1)),
  };
}

/** Words before rows and over columns: in smaller rows they can't be read. */
const WORD = { least: 8, height: 11, gap: 4 };

/** Pictures of the last two of these sides, one beside the other where there are several. `words`: how wide those of rows and of columns are. */
function pictures(sides: readonly number[], shape: readonly number[], room: Room, what: Pick<BodyPlan, "by" | "region">, words: readonly (number | null)[] = []): BodyPlan {
  const { scale } = room;
  const height = tallOf(room);
  const [rows, columns] = sides.slice(-2) as [number, number];
  const before = sides.slice(0, -2);
  const count = sizeOf(before);
  const name = count > 1 && count <= 64 && scale >= LEAST_NAMED && !(isLow(room) && count > FEW_MAPS) ? NAME : 0;
  const cell = cellSize(rows, columns, count, room, (name + overColumns(words)) / scale, before.length > 0 || shape.length !== 2);
  const [panelWidth, panelHeight] = [columns * cell.width, rows * cell.height];
  const gap = count > 64 ? 3 : GAP;
  const { left, top, ...written } = wordsAround(words, scale * cell.width, scale * cell.height);
  const [pitchX, pitchY] = [scale * (panelWidth + gap) + left, scale * (panelHeight + gap) + name + top];
  const lines = Math.max(1, Math.min(count, Math.floor((scale * (height + gap)) / pitchY + 1e-6)));
  const across = Math.ceil(count / lines);
  const down = Math.ceil(count / across);
  const panels = (): Panel[] => Array.from({ length: count }, (_, k) => ({
    x: left + Math.floor(k / down) * pitchX,
    y: top + (k % down) * pitchY,
    ...{ width: scale * panelWidth, height: scale * panelHeight },
    ...{ rows, columns, start: k * rows * columns, rowStep: columns, columnStep: 1, count: rows * columns },
    name: count === 1 ? [] : indices(k, before),
  }));
  const size = { width: across * pitchX - scale * gap, height: down * pitchY - scale * gap };
  return laidOut({ sort: "panels", ...size, shape, ...what, labels: { ...written, names: name > 0 } }, panels);
}

/** How wide the words of rows and of columns are, where each of them is drawn. */
const wordsOf = (wide: readonly number[], by: readonly number[], follows: Wish["follows"] = []): (number | null)[] => wide.slice(-2).map((k) => (by[k] === 1 ? (follows[k] ?? null) : null));

const overColumns = ([, ofColumns = null]: readonly (number | null)[]): number => (ofColumns === null ? 0 : WORD.height);

/** Which words have room around panels with cells of this size, and how much they take before and over each. */
function wordsAround([ofRows = null, ofColumns = null]: readonly (number | null)[], width: number, height: number): { rows: boolean; columns: boolean; left: number; top: number } {
  const [rows, columns] = [ofRows !== null && height >= WORD.least, ofColumns !== null && width >= ofColumns];
  return { rows, columns, left: rows ? ofRows! + WORD.gap : 0, top: columns ? WORD.height : 0 };
}

function indices(flat: number, sides: readonly number[]): number[] {
  const found: number[] = [];
  for (const side of [...sides].reverse()) {
    found.unshift(flat % side);
    flat = Math.floor(flat / side);
  }
  return found;
}

/** So small a picture may be where there are many on a small screen. */
const LEAST_ALONE = 18;

/** On a screen as low as a phone's that lies, more maps than this stand close in lines, without names: one line would be as long as the screen. */
const [LOW_ROOM, FEW_MAPS] = [130, 4];
const isLow = (room: Room): boolean => room.alone !== true && tallOf(room) < LOW_ROOM;

/** A few rows are higher than many: together about so high. */
const FEW_ROWS = { height: 160, most: 48 };

/** Square where that leaves the panels large enough to be seen; rows of steps are as high as they have room for, long ones as narrow as they have to be. */
function cellSize(rows: number, columns: number, count: number, room: Room, name: number, isPicture: boolean): { width: number; height: number } {
  const { width } = room;
  const height = tallOf(room);
  const grown = grownIn(room);
  if (count === 1) {
    const square = Math.min(height / rows, Math.min(width, grown * 300) / columns, grown * (width > 250 * grown ? 36 : 22));
    if (isPicture && rows >= columns / 2 && columns >= rows / 2) return { width: square, height: square };
    return { width: Math.max(1, Math.min(grown * 18, Math.min(width, grown * 220) / columns)), height: Math.max(1, Math.min(grown * Math.max(20, Math.min(FEW_ROWS.most, FEW_ROWS.height / rows)), height / rows)) };
  }
  const isSquare = Math.max(rows, columns) <= 8 * Math.min(rows, columns);
  if (room.alone && isSquare) {
    const sides = Array.from({ length: count }, (_, k) => Math.min((height + GAP) / (k + 1) - GAP - name, (width + GAP) / Math.ceil(count / (k + 1)) - GAP));
    const cell = Math.max(LEAST_ALONE, ...sides) / Math.max(rows, columns);
    return { width: cell, height: cell };
  }
  const most = grown * (count <= 4 ? 104 : count <= 16 ? 76 : 56);
  const least = isLow(room) ? (count <= FEW_MAPS ? 32 : LEAST_ALONE) : count <= 16 ? 40 : count <= 64 ? 34 : 18;
  // As many lines as leave a panel its least height.
  const lines = Math.max(1, Math.min(count, Math.floor((height + GAP) / (least + GAP + name))));
  const across = Math.ceil(count / lines);
  const tall = (height + GAP) / Math.ceil(count / across) - GAP - name;
  const side = Math.max(least, Math.min(most, tall, (Math.max(width, 160) + GAP) / across - GAP));
  const cell = side / Math.max(rows, columns);
  if (isSquare) return { width: cell, height: cell };
  return { width: side / columns, height: Math.max(cell, side / 4 / rows) };
}

function openedPanel(shape: readonly number[], wide: readonly number[], room: Room, opened: number, follows: Wish["follows"] = []): BodyPlan {
  const [rows, columns] = wide.slice(-2) as [number, number];
  const before = wide.slice(0, -2);
  const name = indices(opened, before.map((k) => shape[k]!));
  const region = shape.map((size, k): readonly [number, number] => {
    const place = before.indexOf(k);
    return place < 0 ? [0, size] : [name[place]!, name[place]! + 1];
  });
  const by = blocks(region.map(([from, to]) => to - from), [rows, columns], MOST_OPENED);
  const shown = region.map(([from, to], k) => Math.ceil((to - from) / by[k]!));
  const words = wordsOf(wide, by, follows);
  const side = Math.min(room.height - overColumns(words), Math.max(room.width, 420));
  const plan = pictures([shown[rows]!, shown[columns]!], shown, room, { by: by.every((n) => n === 1) ? null : by, region });
  const cell = Math.min(side / shown[rows]!, side / shown[columns]!, 44);
  const [width, height] = [room.scale * cell * shown[columns]!, room.scale * cell * shown[rows]!];
  const { left, top, ...written } = wordsAround(words, room.scale * cell, room.scale * cell);
  return { ...plan, width: left + width, height: top + height, labels: { ...written, names: false }, panels: [{ ...plan.panels[0]!, x: left, y: top, width, height, name }] };
}

/** How round a cell's corners are: a neuron's is a circle or has round ends, what is put in is a square. */
export function cornerOf({ sort }: BodyPlan, input: boolean, { width, height }: Box): number {
  const side = Math.min(width, height);
  return sort !== "neurons" ? 0 : input ? Math.min(7, side * 0.28) : side / 2;
}

/** The cell of a panel under a point of the body, as a place among the numbers that are shown; null beside all of them. */
export function shownAt(plan: BodyPlan, { x, y }: Point): number | null {
  for (const panel of plan.panels) {
    if (x < panel.x || y < panel.y || x >= panel.x + panel.width || y >= panel.y + panel.height) continue;
    const row = Math.floor(((y - panel.y) / panel.height) * panel.rows);
    const column = Math.floor(((x - panel.x) / panel.width) * panel.columns);
    const flat = row * panel.rowStep + column * panel.columnStep;
    return flat < panel.count ? panel.start + flat : null;
  }
  return null;
}

/** Where the number at this place of what is shown is drawn. */
export function boxOfShown(plan: BodyPlan, flat: number): Box | null {
  // All panels have as many cells, but for the one that stands alone.
  const panel = plan.panels[Math.floor(flat / (plan.panels[0]?.count ?? 1))];
  if (!panel) return null;
  const within = flat - panel.start;
  const [row, column] =
    panel.rowStep === 1 && panel.columnStep > 1
      ? [within % panel.columnStep, Math.floor(within / panel.columnStep)]
      : [Math.floor(within / panel.rowStep), within % panel.rowStep];
  const [width, height] = [panel.width / panel.columns, panel.height / panel.rows];
  return panel.rows * panel.columns === 1
    ? { x: panel.x, y: panel.y, width: panel.width, height: panel.height }
    : { x: panel.x + column * width, y: panel.y + row * height, width, height };
}

/** The place among what is shown of a cell of the tensor, or of the block that it is in; null where that is not shown. */
export function shownOf({ by, region, shape }: BodyPlan, at: readonly number[]): number | null {
  if (region?.some(([from, to], k) => at[k]! < from || at[k]! >= to)) return null;
  return flatOf(at.map((place, k) => Math.floor((place - (region?.[k]?.[0] ?? 0)) / (by?.[k] ?? 1))), shape);
}

/** Along a dimension, where a block begins and how many cells it has: the last one may have fewer. */
function blockOf({ by, region }: BodyPlan, shape: readonly number[], k: number, place: number): [first: number, size: number] {
  const [from, to] = region?.[k] ?? [0, shape[k]!];
  const size = by?.[k] ?? 1;
  const first = from + place * size;
  return [first, Math.min(size, to - first)];
}

/** The cell of a tensor of this shape at a place among what is shown; of a block the one in its middle. */
export function cellOfShown(plan: BodyPlan, shape: readonly number[], flat: number): number[] {
  return indexOf(flat, plan.shape).map((place, k) => {
    const [first, size] = blockOf(plan, shape, k, place);
    return first + ((size - 1) >> 1);
  });
}

/** How many cells the block at a place among what is shown has along each dimension in which it has several. */
export const sidesOfShown = (plan: BodyPlan, shape: readonly number[], flat: number): number[] =>
  indexOf(flat, plan.shape).flatMap((place, k) => {
    const [, size] = blockOf(plan, shape, k, place);
    return size > 1 ? [size] : [];
  });

/** Which of its pictures a cell is in, counted along the dimensions before the last two that are wide; null where they are a row. */
export function pictureOf(shape: readonly number[], at: readonly number[]): number | null {
  const wide = wideDims(shape);
  const before = wide.slice(0, -2);
  return wide.length < 2 ? null : flatOf(before.map((k) => at[k]!), before.map((k) => shape[k]!));
}

/** How many pictures there are of a tensor of this shape. */
export const picturesOf = (shape: readonly number[]): number => sizeOf(wideDims(shape).slice(0, -2).map((k) => shape[k]!));
