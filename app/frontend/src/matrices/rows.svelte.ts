import type { Message } from "../model/types";

/** What stands beside each row, as what is right for it, and its heading. */
export interface Beside {
  readonly title: string;
  readonly values: readonly string[];
  /** The same as numbers, of a class its place from 0, where they are known as such. */
  readonly targets?: readonly (readonly number[])[] | null;
}

/** A batch of inputs as it is pasted and stepped through, on either page: one row at a time is what the network has. */
export abstract class RowsOfInputs {
  rows = $state.raw<readonly (readonly number[])[]>([]);
  /** What was left out or decided when they were read. */
  notes = $state.raw<readonly Message[]>([]);
  beside = $state.raw<Beside | null>(null);
  /** A text that waits to be taken, as of a file that was dropped, and where it is from. */
  offered = $state.raw<{ name: string; text: string; notes: readonly Message[]; rows: readonly (readonly number[])[] } | null>(null);
  /** The row that was gone to last. */
  at = $state(0);

  /** Whether the rows are as long as the network has inputs; adding an input changes that. */
  readonly fits = $derived.by(() => this.rows[0]?.length === this.expected);
  /** The row that the network has now; −1 where an input was moved since. */
  readonly current = $derived.by(() => {
    const row = this.fits ? this.rows[this.at] : undefined;
    return row && this.isNow(row) ? this.at : -1;
  });

  /** How many numbers the network takes. */
  abstract get expected(): number;
  /** A row's outputs; undefined until they are known. */
  abstract outputs(index: number): ArrayLike<number> | undefined;
  /** Whether the network has these numbers. */
  protected abstract isNow(row: readonly number[]): boolean;
  /** Makes a row the network's inputs. */
  protected abstract show(row: readonly number[], label: Message): void;
  /** The rows are others. */
  protected abstract changed(): void;

  /** Takes the rows and goes to the first. */
  take(rows: readonly (readonly number[])[], notes: readonly Message[], beside: Beside | null = null): void {
    [this.rows, this.notes, this.beside, this.offered] = [rows, notes, beside, null];
    this.changed();
    this.go(0);
  }

  drop(): void {
    [this.rows, this.notes, this.beside, this.offered] = [[], [], null, null];
    this.changed();
  }

  /** Shows a text where a batch is pasted, to be taken or not; `rows`: what it holds, where that is known already. */
  offer(name: string, text: string, notes: readonly Message[] = [], rows: readonly (readonly number[])[] = []): void {
    this.drop();
    this.offered = { name, text, notes, rows };
  }

  /** The inputs that what comes next may say the right answers for: those in use, or those that wait to be. */
  get there(): readonly (readonly number[])[] {
    const rows = this.offered?.rows ?? (this.fits ? this.rows : []);
    return rows.map((row) => row.slice(0, this.expected));
  }

  go(index: number): void {
    const row = this.rows[index];
    if (!row || !this.fits) return;
    this.at = index;
    this.show(row, { key: "studio.did-row", values: { row: String(index + 1), count: String(this.rows.length) } });
  }
}
