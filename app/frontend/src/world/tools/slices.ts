import { flatOf, indexOf, sizeOf } from "../cells";

/** A tensor as tables that people read: its last two dimensions are rows and columns, those before choose the table. */

export interface Slice {
  /** How many tables there are, one for each index of the dimensions before the last two. */
  readonly tables: number;
  /** The index of the table among them. */
  readonly at: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** The first row and column that are shown, and how many. */
  readonly row: number;
  readonly column: number;
  readonly rowsShown: number;
  readonly columnsShown: number;
}

export const MOST_ROWS = 32;
export const MOST_COLUMNS = 16;

/** A tensor of one dimension is one column, which reads and copies as a list. */
const sides = (shape: readonly number[]): [number, number] => (shape.length < 2 ? [shape[0] ?? 1, 1] : [shape.at(-2)!, shape.at(-1)!]);

export function sliceOf(shape: readonly number[], table: number, row: number, column: number): Slice {
  const before = shape.slice(0, -2);
  const tables = sizeOf(before);
  const [rows, columns] = sides(shape);
  const [first, left] = [Math.min(Math.max(0, row), rows - 1), Math.min(Math.max(0, column), columns - 1)];
  return {
    ...{ tables, at: indexOf(Math.min(table, tables - 1), before), rows, columns, row: first, column: left },
    rowsShown: Math.min(MOST_ROWS, rows - first),
    columnsShown: Math.min(MOST_COLUMNS, columns - left),
  };
}

/** The index of a cell of the tensor, by its row and column in the whole table. */
export const cellAt = (shape: readonly number[], { at }: Slice, row: number, column: number): number[] =>
  shape.length === 0 ? [] : shape.length === 1 ? [row] : [...at, row, column];

/** From and to along each dimension of the tensor, as a watch of the slice says it. */
export function regionOf(shape: readonly number[], slice: Slice): [number, number][] {
  const rows: [number, number] = [slice.row, slice.row + slice.rowsShown];
  const columns: [number, number] = [slice.column, slice.column + slice.columnsShown];
  if (shape.length < 2) return shape.length === 0 ? [] : [rows];
  return [...slice.at.map((k): [number, number] => [k, k + 1]), rows, columns];
}

/** The numbers of a slice, row by row, out of the tensor's, of which the last ones may not be known yet. */
export function numbersOf(values: ArrayLike<number>, shape: readonly number[], slice: Slice): (number | undefined)[][] {
  return Array.from({ length: slice.rowsShown }, (_, r) =>
    Array.from({ length: slice.columnsShown }, (__, c) => values[flatOf(cellAt(shape, slice, slice.row + r, slice.column + c), shape)]),
  );
}
