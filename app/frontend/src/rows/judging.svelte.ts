import { ruleOf } from "../reading/rule";
import { confusionOf } from "./confusion";
import { countsOf, fitting, joined, lossesOf, targetShape, worstFirst, type Aim, type Ending, type LossDocument, type Losses } from "./losses";

/** A loss and what is right for each row, as numbers. */
export interface Judged {
  readonly aim: Aim;
  readonly targets: readonly (readonly number[])[];
}

interface Given {
  readonly language: string;
  /** The outputs that there are. */
  readonly endings: readonly Ending[];
  /** What stands beside the rows. */
  readonly beside: Parameters<typeof fitting>[1] | null;
}

/** How far the rows of a batch are from what stands beside them: which loss, and what the server told of it. */
export class Judging {
  /** null where nothing beside them can be right for an output, or it is not known yet. */
  losses = $state.raw<Losses | null>(null);
  /** Whether the rows that are furthest from it come first. */
  worstFirst = $state(false);
  /** Of which right class and which guess the rows are that are shown; null: all are. */
  only = $state.raw<{ readonly right: number; readonly guess: number } | null>(null);
  /** Which of the losses is told, by its place. */
  #chosen = $state(0);

  constructor(private readonly given: () => Given) {}

  /** The losses that there are, the likeliest first. */
  readonly all = $derived.by((): Judged[] => {
    const { language, endings, beside } = this.given();
    return beside ? fitting(endings, beside, ruleOf(language)) : [];
  });
  readonly now = $derived.by(() => this.all[this.#chosen] ?? null);
  /** What is taken for what; null where there is no such table. */
  readonly confusion = $derived.by(() => (this.now && this.losses ? confusionOf(this.now, this.losses.guesses) : null));
  /** Which rows stand there, in which order; null: all in their own. */
  readonly order = $derived.by((): number[] | null => {
    const { losses, only, now } = this;
    if (!losses) return null;
    const all = this.worstFirst ? worstFirst(losses) : null;
    if (!only || !now || !this.confusion) return all;
    return (all ?? losses.rows.map((_, row) => row)).filter((row) => now.targets[row]?.[0] === only.right && losses.guesses?.[row] === only.guess);
  });

  get chosen(): number {
    return this.#chosen;
  }

  choose(at: number): void {
    [this.#chosen, this.losses, this.only] = [at, null, null];
  }

  /** The rows are others. */
  forget(): void {
    [this.losses, this.worstFirst, this.#chosen, this.only] = [null, false, 0, null];
  }

  /** What the numbers may be called that stand after a row's inputs, each way in which they may. */
  get targets(): string[][] {
    return countsOf(this.given().endings).map((count) => Array.from({ length: count }, (_, k) => `target ${k + 1}`));
  }

  /** What is right for some of the rows, as the API takes it, and for which output. */
  asked({ aim, targets }: Judged, nestedOf: (values: readonly number[], shape: readonly number[]) => unknown, first = 0, count = targets.length): object {
    const { shape } = this.given().endings.find(({ name }) => name === aim.output)!;
    const sides = targetShape(aim, shape);
    return { loss: aim.loss, output: aim.output, targets: targets.slice(first, first + count).map((row) => nestedOf(row, sides)) };
  }

  /** What is right in a row for one number of an output, by its place among them, on the output's own scale; null where that is not known. */
  rightFor(output: string, place: number, row: number): number | null {
    const { aim, targets } = this.now ?? {};
    const target = targets?.[row];
    if (!target || aim?.output !== output) return null;
    if (aim.classes === null) return target[place] ?? null;
    // A class is no number on the scale of logits.
    if (this.given().endings.find(({ name }) => name === output)?.by !== "softmax") return null;
    return Number(target[Math.floor(place / aim.classes)] === place % aim.classes);
  }

  /** What a class is called. */
  readonly nameOf = (kind: number): string => this.given().endings.find(({ name }) => name === this.now?.aim.output)?.classes[kind] ?? String(kind);
  readonly of = (row: number): number | undefined => this.losses?.rows[row];
  readonly isWrong = (row: number): boolean => (this.losses?.right?.[row] ?? 1) < 1;
}

/** What two answers tell, the later one's rows after the earlier one's. */
export const withMore = (before: Losses | null, told: LossDocument): Losses => (before ? joined(before, lossesOf(told)) : lossesOf(told));
