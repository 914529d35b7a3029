import type { Print } from "../studio/print";
import type { Translate } from "../text/messages";
import type { Cell, Outline } from "../world/types";
import type { Outcomes } from "../world/outcomes";
import type { DescribedCell } from "../live/protocol";
import type { Explained } from "./decode";

/** What the forms need of the page that they stand on. */
export interface Given {
  readonly t: Translate;
  readonly print: Print;
  readonly outline: Outline;
  readonly selected: Cell | null;
  select(cell: Cell): void;
  /** The cells that are pointed at, here or in the diagram. */
  readonly pointed: readonly Cell[];
  point(cells: readonly Cell[]): void;
  /** The numbers are of an earlier state, while the server does not answer. */
  readonly stale: boolean;
  /** What the network comes to, in a line's worth of numbers, */
  readonly outcomes: Outcomes;
  /** or in the words that it writes; null where it writes none. */
  readonly written: string | null;
  /** The newest pass that is on screen. */
  readonly arrays: ReadonlyMap<string, Float32Array> | null;
  /** What the server said last of a watch's arrays. */
  told(name: string): DescribedCell | undefined;
  /** Asks anew for what is watched: which terms are the largest is found again. */
  rewatch(): void;
  /** The number of a cell of an input or a parameter; undefined where it is not known here. */
  given(cell: Cell): number | undefined;
  /** The same as the learner set it, where the pass with it is not there yet: `told` is the newest pass's. */
  held(cell: Cell, told: number): number;
  /** Another number for it. */
  set(cell: Cell, value: number): void;
  /** The ends of its slider. */
  range(cell: Cell, value: number): [number, number];
  /** Whether only whole numbers can stand there. */
  isWhole(cell: Cell): boolean;
  /** The number that it was opened with. */
  original(cell: Cell): number | undefined;
  /** How many rows of a number's sum are known, while the pass is played: Infinity where it is whole, −1 where nothing is. */
  rowsOf(cell: Cell): number;
  /** What a cell itself is called, such as a class or a token; null where it has no name of its own. */
  own(cell: Cell): string | null;
  /** The word that a dimension of a cell's tensor follows, where the cell is; null where it follows none. */
  word(cell: Cell, dim: number): string | null;
  /** What the same number was made of in the pinned state; null where none is, or it had no such number. */
  then(explained: Explained): Explained | null;
  /** The pinned number of a cell of an input or a parameter, where it is known. */
  givenThen(cell: Cell): number | undefined;
}
