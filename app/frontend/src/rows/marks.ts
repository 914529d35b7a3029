import { rowsOf, targetOf, type DataSet } from "./dataSet";

/** Rows of two inputs on a plane: one class and one part of the data set each, as a path of lines without length whose ends are the marks. */
export interface Marks {
  /** The class, which says the form of its mark. */
  kind: number;
  heldOut: boolean;
  path: string;
  count: number;
}

/** Half a mark's size, in shares of the map. */
const HALF = 0.011;
/** The form of each class's mark, to be told without its colour, as steps of HALF; the first two are dots, which the ends of a line of no length draw. */
const FORMS = ["h0", "h0", "m0 -1.1l1 1.9h-2z", "m-1 -1l2 2m0 -2l-2 2", "m-1.2 0h2.4m-1.2 -1.2v2.4", "m0 -1.3l1.3 1.3l-1.3 1.3l-1.3 -1.3z", "m0 1.1l1 -1.9h-2z", "m-1.2 0h2.4", "m0 -1.2v2.4", "m-1 -1l1 2l1 -2"];

/** How a mark of a class goes on from its place. More classes than there are forms begin again. */
export function formOf(kind: number, half = HALF): string {
  return FORMS[kind % FORMS.length]!.replace(/-?\d+(\.\d+)?/g, (steps) => String(+(Number(steps) * half).toFixed(4)));
}

/** Rows of one input, each at its own number over it: `x` and `y` say where on the plot. */
export function marksAlong(data: DataSet, x: (value: number) => number, y: (value: number) => number): Marks[] {
  return [false, true].map((heldOut) => {
    const rows = rowsOf(data, heldOut);
    const path = rows.map((row) => `M${x(Number(data.inputs[row]![0])).toFixed(1)} ${y(targetOf(data, row)).toFixed(1)}${formOf(0)}`).join("");
    return { kind: 0, heldOut, count: rows.length, path };
  });
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
      return { kind, heldOut, count: rows.length, path: inside.map(([x, y]) => `M${x.toFixed(3)} ${y.toFixed(3)}${formOf(kind)}`).join("") };
    }),
  );
}
