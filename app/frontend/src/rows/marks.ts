import { rowsOf, targetOf, type DataSet } from "./dataSet";

/** Rows of two inputs on a plane: one class and one part of the data set each, as a path of lines without length whose ends are the marks. */
export interface Marks {
  /** The class: its mark is round for the first, square for the next. */
  kind: number;
  heldOut: boolean;
  path: string;
  count: number;
}

type Range = readonly [number, number];

/** On a square of 1 by 1, the second input upwards; what lies beside it is not on the map. */
export function marksOn(data: DataSet, [across, up]: readonly [Range, Range]): Marks[] {
  const place = (value: number, [low, high]: Range): number => (value - low) / (high - low);
  const kinds = data.class_names.map((_, kind) => kind);
  return [false, true].flatMap((heldOut) =>
    kinds.map((kind) => {
      const rows = rowsOf(data, heldOut).filter((row) => targetOf(data, row) === kind);
      const places = rows.map((row) => [place(Number(data.inputs[row]![0]), across), 1 - place(Number(data.inputs[row]![1]), up)] as const);
      const inside = places.filter((each) => each.every((value) => value >= 0 && value <= 1));
      return { kind, heldOut, count: rows.length, path: inside.map(([x, y]) => `M${x.toFixed(3)} ${y.toFixed(3)}h0`).join("") };
    }),
  );
}
