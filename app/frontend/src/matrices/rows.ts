import type { Message } from "../model/types";

/** A batch of inputs as it is pasted and stepped through, on either page. */
export interface RowsOfInputs {
  readonly rows: readonly (readonly number[])[];
  /** What was left out or decided when they were read. */
  readonly notes: readonly Message[];
  /** A text that waits to be taken, as of a file that was dropped, and where it is from. */
  readonly offered: { name: string; text: string; notes: readonly Message[] } | null;
  /** The row that was gone to last. */
  readonly at: number;
  /** Whether the rows are as long as the network has inputs. */
  readonly fits: boolean;
  /** The row that the network has now; −1 where an input was moved since. */
  readonly current: number;
  take(rows: number[][], notes: readonly Message[]): void;
  drop(): void;
  go(index: number): void;
  /** A row's outputs; undefined until they are known. */
  outputs(index: number): ArrayLike<number> | undefined;
}
