import type { DescribedCell, Lead } from "../live/protocol";
import { sameNumbers } from "../model/values";
import type { Cell, Explanation, Form, Part } from "../world/types";
import { rowsOf } from "./growing";

/** The live socket's words for a watched cell, and its numbers in a frame, as what the forms draw. */

/** Cells of one tensor, one after another. */
export class Places {
  readonly #flat: Int32Array;
  readonly #rank: number;

  constructor(
    readonly tensor: string,
    at: readonly (readonly number[])[],
  ) {
    this.#rank = at[0]?.length ?? 0;
    this.#flat = new Int32Array(at.length * this.#rank);
    at.forEach((index, k) => this.#flat.set(index, k * this.#rank));
  }

  at(k: number): number[] {
    return Array.from(this.#flat.subarray(k * this.#rank, (k + 1) * this.#rank));
  }

  cell(k: number): Cell {
    return { tensor: this.tensor, at: this.at(k) };
  }

  is(k: number, at: readonly number[]): boolean {
    for (let d = 0; d < this.#rank; d++) if (this.#flat[k * this.#rank + d] !== at[d]) return false;
    return true;
  }
}

/** Parts of one tensor and one role: where they are, and where their numbers begin among those of the explanation. */
export interface Group {
  readonly role: string;
  readonly count: number;
  readonly places: Places;
  readonly start: number;
  readonly parameter: { readonly tensor: string | null; readonly places: Places | null; readonly start: number } | null;
}

/** Which numbers an explanation's are. The same object from frame to frame, until the server says another. */
export class Layout {
  readonly cell: Cell;
  readonly form: Form;
  readonly groups: readonly Group[];
  readonly count: number;
  readonly chosen: number | null;
  readonly formula: string;
  /** The terms of a sum that are told by themselves, as places among all parts, the largest first. */
  readonly largest: readonly number[];
  readonly leads: readonly Lead[];

  constructor(readonly told: DescribedCell) {
    this.cell = { tensor: told.tensor, at: told.at };
    this.form = told.form as Form;
    let [start, parameterStart] = [0, 0];
    this.groups = told.parts.map((part) => {
      const { parameter } = part;
      const group: Group = {
        role: part.role ?? "",
        count: part.at.length,
        places: new Places(part.tensor, part.at),
        start,
        parameter: parameter
          ? {
              tensor: parameter.tensor,
              places: parameter.at && parameter.tensor !== null ? new Places(parameter.tensor, parameter.at) : null,
              start: parameterStart,
            }
          : null,
      };
      start += part.at.length;
      if (parameter) parameterStart += part.at.length;
      return group;
    });
    this.count = start;
    this.chosen = told.chosen ?? null;
    this.formula = told.formula ?? "";
    this.largest = told.largest ?? [];
    this.leads = told.leads ?? [];
  }

  /** Rows of its sum before the terms: one for a bias or an offset. */
  get biasRows(): number {
    return this.group("bias") || this.told.constants.includes("offset") ? 1 : 0;
  }

  /** In how many rows playback puts its number together: of a sum the bias, the largest terms, the rest as one. */
  get rows(): number {
    return rowsOf(this);
  }

  /** Which row of its sum a part is in. */
  rowOf(place: number): number {
    if (this.group("bias")?.start === place) return 0;
    const k = this.largest.indexOf(place);
    return this.biasRows + (k < 0 ? this.largest.length : k);
  }

  /** The part in a row of its sum; null where that is an offset, or all the rest. */
  placeOf(row: number): number | null {
    return (row < this.biasRows ? this.group("bias")?.start : this.largest[row - this.biasRows]) ?? null;
  }

  group(role: string): Group | null {
    return this.groups.find((each) => each.role === role) ?? null;
  }

  /** The group that a part is in, and which of its cells it is. */
  find(place: number): { group: Group; k: number } {
    const group = this.groups.findLast(({ start }) => start <= place)!;
    return { group, k: place - group.start };
  }

  /** The cell of a part. */
  cellOf(place: number): Cell {
    const { group, k } = this.find(place);
    return group.places.cell(k);
  }

  /** The cell that a part is multiplied with, where it is one. */
  parameterOf(place: number): Cell | null {
    const { group, k } = this.find(place);
    return group.parameter?.places?.cell(k) ?? null;
  }

  /** The place of a cell among the parts, as a value or as what one is multiplied with; −1 where it is none. */
  indexOf({ tensor, at }: Cell): number {
    const same = (places: Places | null | undefined, k: number): boolean => places?.tensor === tensor && places.is(k, at);
    for (const group of this.groups) {
      if (group.places.tensor !== tensor && group.parameter?.places?.tensor !== tensor) continue;
      for (let k = 0; k < group.count; k++) if (same(group.places, k) || same(group.parameter?.places, k)) return group.start + k;
    }
    return -1;
  }
}

/** The numbers on the way from the parts to the value, as docs/live.md says them of each form. */
const ON_THE_WAY = ["contributions", "rest", "running", "curve", "between", "exponentials", "shares"] as const;
export type OnTheWay = Partial<Record<(typeof ON_THE_WAY)[number], Float32Array>>;

/** An explanation with one pass's numbers, as views into its frame. */
export class Explained implements Explanation {
  readonly value: number;
  readonly values: Float32Array;
  readonly parameters: Float32Array;
  readonly constants: Readonly<Record<string, number>>;
  readonly worked: OnTheWay;
  #parts: Part[] | null = null;

  /** `rows`: how many rows are known yet, as playback puts the number together: of a sum the bias, the largest terms, the rest. */
  constructor(
    readonly layout: Layout,
    arrays: ReadonlyMap<string, Float32Array>,
    readonly rows = Infinity,
  ) {
    const { name, constants } = layout.told;
    const of = (key: string): Float32Array | undefined => arrays.get(`explain.${name}.${key}`);
    this.value = of("value")?.[0] ?? NaN;
    this.values = of("parts") ?? new Float32Array(layout.count).fill(NaN);
    this.parameters = of("parameters") ?? new Float32Array(0);
    const numbers = of("constants");
    this.constants = Object.fromEntries(constants.map((each, k) => [each, numbers?.[k] ?? NaN]));
    this.worked = Object.fromEntries(ON_THE_WAY.flatMap((key) => (of(key) ? [[key, of(key)]] : [])));
  }

  /** Whether another explanation says the same. */
  isLike(other: Explained): boolean {
    const { layout, rows, value, values, parameters, constants, worked } = other;
    return (
      this.layout === layout &&
      this.rows === rows &&
      Object.is(this.value, value) &&
      Object.keys(constants).every((name) => Object.is(this.constants[name], constants[name])) &&
      sameNumbers(this.values, values) &&
      sameNumbers(this.parameters, parameters) &&
      ON_THE_WAY.every((key) => (worked[key] && this.worked[key] ? sameNumbers(this.worked[key], worked[key]) : worked[key] === this.worked[key]))
    );
  }

  get cell(): Cell {
    return this.layout.cell;
  }

  get form(): Form {
    return this.layout.form;
  }

  get chosen(): number | null {
    return this.layout.chosen;
  }

  get formula(): string {
    return this.layout.formula;
  }

  /** The number of a part. */
  valueOf(place: number): number {
    return this.values[place] ?? NaN;
  }

  /** What a part is multiplied with; undefined where it is multiplied with nothing. */
  factorOf(place: number): number | undefined {
    const { group, k } = this.layout.find(place);
    return group.parameter ? this.parameters[group.parameter.start + k] : undefined;
  }

  /** What a part adds to a sum; undefined where that is not known yet. */
  contributionOf(place: number): number | undefined {
    return this.rows === Infinity || this.layout.rowOf(place) < this.rows ? this.worked.contributions?.[place] : undefined;
  }

  /** The sum after its bias, after each of the largest terms, and after the rest. */
  runningAt(k: number): number | undefined {
    return k + this.layout.biasRows <= this.rows ? this.worked.running?.[k] : undefined;
  }

  /** What all but the largest terms add together. */
  get rest(): number | undefined {
    return this.layout.rows <= this.rows ? this.worked.rest?.[0] : undefined;
  }

  /** Whether a part that is looked at by itself is known yet. */
  hasRow(row: number): boolean {
    return row < this.rows || this.rows >= this.layout.rows;
  }

  /** The value, once all of it is known. */
  get result(): number | undefined {
    return this.rows === Infinity ? this.value : undefined;
  }

  /** The number of the only cell of a role; undefined where there is none. */
  only(role: string): number | undefined {
    const group = this.layout.group(role);
    return group ? this.values[group.start] : undefined;
  }

  /** All parts as objects; what is drawn at every pass does without them. */
  get parts(): readonly Part[] {
    return (this.#parts ??= Array.from({ length: this.layout.count }, (_, place) => {
      const { group } = this.layout.find(place);
      const factor = this.factorOf(place);
      return {
        cell: this.layout.cellOf(place),
        role: group.role,
        value: this.valueOf(place),
        parameter: factor === undefined ? null : { cell: this.layout.parameterOf(place), value: factor },
        contribution: this.contributionOf(place) ?? null,
      };
    }));
  }
}
