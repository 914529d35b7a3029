import { createContext } from "svelte";

import { sameItems } from "../studio/steady";
import type { Cell } from "../world/types";
import { chainOf, watchesOf, type FormWatch } from "./chain";
import type { DescribedCell } from "../live/protocol";
import { Explained, Layout } from "./decode";
import type { Given } from "./given";
import { cellsOfRow, SUMS } from "./growing";
import { Names, sameCell } from "./names";
import { Way } from "./way.svelte";

export const [getForms, setForms] = createContext<Forms>();

/** Terms told by themselves at first, and how many times as many each step opens. */
const FIRST_TERMS = 6;
const WIDENING = 4;
/** What a frame calls the selected number, where that was given and no pass brings it by itself. */
export const GIVEN = "why.given";

/** A cell with what it is made of, in the order in which it is computed; empty for a number that was given. */
export interface Shown {
  readonly cell: Cell;
  readonly steps: readonly Explained[];
  /** While the pass is played: nothing of it is known yet. */
  readonly waits?: boolean;
}

/** Where the selected number comes from, as it is told at every pass, and the way by which one came to it. */
export class Forms {
  readonly way = new Way();
  #terms = $state(FIRST_TERMS);
  #last: Shown | null = null;
  /** What was told last, by its name: the same object for as long as the same is told, so that nothing of it is drawn anew. */
  readonly #steady = new Map<string, Explained>();
  /** What was shown before that. */
  #before: Shown | null = null;

  readonly names: Names = $derived.by(() => new Names(this.given.outline, this.given.t));
  readonly #chain: readonly Cell[] = $derived.by(() => (this.given.selected ? chainOf(this.given.outline, this.given.selected) : []));
  /** What the server is to tell. */
  readonly watches: readonly FormWatch[] = $derived.by(() => [...watchesOf(this.#chain, this.#terms), ...this.#givenWatch()]);
  /** What is shown: of the cell that was selected before, until the server has told of this one. */
  readonly shown: Shown | null = $derived.by(() => {
    const cell = this.given.selected;
    if (cell === null) return (this.#last = null);
    const rows = this.given.rowsOf(cell);
    if (rows < 0) return (this.#last = { cell, steps: [], waits: true });
    if (rows !== Infinity) return (this.#last = this.#growing(cell, rows));
    const steps = this.#chain.map((each, k) => this.#explained(each, `why.${k}`));
    if (steps.every((each) => each !== null)) {
      const isSame = sameCell(this.#last?.cell ?? null, cell);
      // As where the server tells more of other things: nothing of it is drawn anew.
      if (isSame && !this.#last!.waits && sameItems(this.#last!.steps, steps)) return this.#last;
      if (!isSame) this.#before = this.#last;
      this.#last = { cell, steps };
    }
    return this.#last;
  });

  constructor(readonly given: Given) {}

  /** A number that playback puts together, with the rows that are known. */
  #growing(cell: Cell, rows: number): Shown {
    const layout = this.#grows;
    return { cell, steps: layout && this.given.arrays ? [new Explained(layout, this.given.arrays, rows)] : [], waits: layout === null };
  }

  /** What of the selected number's chain playback puts together row by row, as the server told it: its last sum, else its last step. */
  get #grows(): Layout | null {
    const told = this.#chain.map((each, k) => (this.#explained(each, `why.${k}`) === null ? null : layoutOf(this.given.told(`why.${k}`)!)));
    // A sum of an earlier layer, such as a softmax's score, was known before.
    const own = this.names.of(this.given.selected!.tensor)?.layer;
    const sum = told.findLast((layout) => layout && SUMS.has(layout.form) && this.names.of(layout.cell.tensor)?.layer === own);
    const last = told.at(-1) ?? null;
    return sum ?? (last && last.rows > 0 ? last : null);
  }

  /** How many rows the selected number is put together in: 0 where it is there in one step, null where that is not told yet. */
  get rows(): number | null {
    if (this.#chain.some((each, k) => this.#explained(each, `why.${k}`) === null)) return null;
    return this.#grows?.rows ?? 0;
  }

  /** What the sum that playback puts together has come to; undefined where it puts none together, or has added nothing yet. */
  get running(): number | undefined {
    const grows = this.shown?.steps[0];
    return grows && grows.rows > 0 && grows.rows !== Infinity ? grows.runningAt(grows.rows - grows.layout.biasRows) : undefined;
  }

  pointedOf(row: number): readonly Cell[] {
    return this.#grows ? cellsOfRow(this.#grows, row) : [];
  }

  #explained(cell: Cell, name: string): Explained | null {
    const told = this.given.told(name);
    const { arrays } = this.given;
    if (!told || !sameCell(told, cell) || !arrays) return null;
    const layout = layoutOf(told);
    // A frame of before says nothing of these cells.
    if (arrays.get(`explain.${name}.parts`)?.length !== layout.count) return null;
    const [next, last] = [new Explained(layout, arrays), this.#steady.get(name)];
    if (last?.isLike(next)) return last;
    this.#steady.set(name, next);
    return next;
  }

  /** A parameter's number, which no pass brings by itself. */
  #givenWatch(): FormWatch[] {
    const cell = this.given.selected;
    if (!cell || this.#chain.length > 0 || this.given.outline.inputs.some(({ name }) => name === cell.tensor)) return [];
    return [{ kind: "tensor", tensor: cell.tensor, region: cell.at.map((index) => [index, index + 1]), as: GIVEN }];
  }

  /** The number of a cell that is among what is told: of a parameter, mostly. */
  valueOf(cell: Cell): number | undefined {
    if (sameCell(cell, this.given.selected) && this.#chain.length === 0) return this.given.arrays?.get(`tensor.${GIVEN}`)?.[0];
    for (const explained of this.shown?.steps ?? []) {
      if (sameCell(explained.cell, cell)) return explained.value;
      const place = explained.layout.indexOf(cell);
      if (place >= 0) return sameCell(explained.layout.cellOf(place), cell) ? explained.valueOf(place) : explained.factorOf(place);
    }
    return undefined;
  }

  /** Goes to a cell: a part of the one that is shown, any of the way, or another. */
  go(cell: Cell): void {
    this.given.point([]);
    this.given.select(cell);
  }

  /** Back to the cell that one came from; false where there is none. */
  back(): boolean {
    const { before } = this.way;
    if (before) this.go(before);
    return before !== null;
  }

  /** Takes note of another selection, whoever made it. */
  arrive(cell: Cell | null): void {
    const from = [this.#last, this.#before].find((shown) => shown && sameCell(shown.cell, this.way.here));
    const made = from?.steps.some(({ layout }) => cell !== null && layout.indexOf(cell) >= 0) ?? false;
    if (!sameCell(cell, this.way.here)) this.#terms = FIRST_TERMS;
    this.way.arrive(cell, made);
  }

  /** More terms by themselves. */
  widen(): void {
    this.#terms *= WIDENING;
  }

  get narrow(): boolean {
    return this.#terms === FIRST_TERMS;
  }

  narrowAgain(): void {
    this.#terms = FIRST_TERMS;
  }
}

const layouts = new WeakMap<DescribedCell, Layout>();

/** One layout for one message, from frame to frame. */
export function layoutOf(told: DescribedCell): Layout {
  let layout = layouts.get(told);
  if (!layout) layouts.set(told, (layout = new Layout(told)));
  return layout;
}

/** Whether the terms told by themselves are no longer the largest ones. */
export function isOvertaken({ layout, worked }: Explained): boolean {
  const { contributions } = worked;
  if (!contributions || layout.largest.length === 0) return false;
  const told = new Set(layout.largest);
  let last = Infinity;
  for (const place of layout.largest) {
    const size = Math.abs(contributions[place]!);
    if (size > last) return true;
    last = size;
  }
  const biases = new Set(layout.groups.filter(({ role }) => role === "bias").map(({ start }) => start));
  for (let place = 0; place < contributions.length; place++) {
    if (Math.abs(contributions[place]!) > last && !told.has(place) && !biases.has(place)) return true;
  }
  return false;
}
