import type { Cell, Form } from "../world/types";

/** The rows in which playback puts a number together by term: of a sum its terms, of the other forms what is looked at one after another. Pure. */

/** What of an explanation's parts the rows are found by. */
interface Parts {
  readonly form: Form;
  readonly count: number;
  readonly largest: readonly number[];
  readonly biasRows: number;
  readonly groups: readonly Group[];
  group(role: string): Group | null;
  placeOf(row: number): number | null;
  cellOf(place: number): Cell;
  parameterOf(place: number): Cell | null;
}

interface Group {
  readonly role: string;
  readonly start: number;
  readonly count: number;
  readonly places: { cell(k: number): Cell };
}

export const SUMS: ReadonlySet<Form> = new Set<Form>(["sum-of-products", "sum"]);
/** More parts are taken in at once: their playback would tell nobody anything. */
const MOST = 48;

/** How many rows there are; 0 where a number comes of another in one step. */
export function rowsOf(layout: Parts): number {
  if (SUMS.has(layout.form)) {
    const others = layout.count - layout.largest.length - (layout.group("bias")?.count ?? 0);
    return layout.biasRows + layout.largest.length + (others > 0 ? 1 : 0);
  }
  if (layout.form === "normalisation") return stepsOf(layout).length;
  const { count } = lookedAt(layout);
  return count < 2 ? 0 : count > MOST ? 1 : count;
}

/** Whether a normalisation takes the mean off its values first. */
export const subtractsMean = (kind: string | undefined): boolean => kind !== "rms_norm";

/** The steps of a normalisation, each the role of what it takes; of the first two that is all of the values. */
export const stepsOf = (layout: Parts): readonly string[] => ["mean", "deviation", ...["scale", "shift"].filter((role) => layout.group(role) !== null)];

/** The cells of a row. */
export function cellsOfRow(layout: Parts, row: number): Cell[] {
  if (SUMS.has(layout.form)) return sumCells(layout, row);
  if (layout.form === "normalisation") {
    const group = layout.group(stepsOf(layout)[row] ?? "");
    return group ? [group.places.cell(0)] : [];
  }
  const { start, count } = lookedAt(layout);
  return count > MOST || row >= count ? [] : [layout.cellOf(start + row)];
}

function sumCells(layout: Parts, row: number): Cell[] {
  const place = layout.placeOf(row);
  if (place === null) return [];
  const parameter = layout.parameterOf(place);
  return parameter ? [layout.cellOf(place), parameter] : [layout.cellOf(place)];
}

/** The parts that are looked at one after another: a window's cells, a row's scores, the factors of a product. */
function lookedAt(layout: Parts): { start: number; count: number } {
  if (layout.form === "softmax") return layout.group("logits") ?? NONE;
  if (layout.form === "choice") return layout.groups.find(({ role }) => role !== "condition") ?? NONE;
  return layout.form === "product" ? { start: 0, count: layout.count } : NONE;
}

const NONE = { start: 0, count: 0 };
