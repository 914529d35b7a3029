import type { NonFinite } from "../studio/nonFinite";
import { readNumber } from "../reading/number";
import { Unread, type Rule } from "../reading/words";

/** How far rows are from what is right for them. The losses themselves are the server's. */

export type LossName = "cross_entropy" | "mse";

/** An output, as far as a loss has to know it. */
export interface Ending {
  readonly name: string;
  /** Of one input's numbers. */
  readonly shape: readonly number[];
  /** The function that gives them; of its kind's name where the layer is that function. */
  readonly by: string;
  /** What its classes are called; none where that is not known. */
  readonly classes: readonly string[];
}

/** A loss of an output: how many numbers a row's target has, and how many classes each is one of; null where they are numbers. */
export interface Aim {
  readonly loss: LossName;
  readonly output: string;
  readonly count: number;
  readonly classes: number | null;
  /** Each number is a probability by itself. */
  readonly shares: boolean;
}

/** What is right for each row, as text and, where that is known already, as numbers. */
interface Given {
  readonly values: readonly string[];
  readonly targets?: readonly (readonly number[])[] | null;
}

/** Longer targets are not pasted. */
const MOST_NUMBERS = 4096;
const sizeOf = (shape: readonly number[]): number => shape.reduce((all, side) => all * side, 1);

/** The losses that an output has: cross-entropy of classes along its last dimension, or after a sigmoid of each number; squared errors. */
export function aimsOf({ name, shape, by }: Ending): Aim[] {
  const size = sizeOf(shape);
  const squares: Aim = { loss: "mse", output: name, count: size, classes: null, shares: false };
  if (by === "sigmoid") return [{ ...squares, loss: "cross_entropy", shares: true }, squares];
  const last = shape.at(-1) ?? 1;
  if (shape.length < 1 || shape.length > 2 || last < 2) return [squares];
  return [{ loss: "cross_entropy", output: name, count: size / last, classes: last, shares: false }, squares];
}

/** How many numbers may stand after a row's inputs, the fewest first. */
export function countsOf(endings: readonly Ending[]): number[] {
  const counts = endings.flatMap((each) => aimsOf(each).map(({ count }) => count));
  return [...new Set(counts)].filter((count) => count > 0 && count <= MOST_NUMBERS).sort((a, b) => a - b);
}

/** What stands beside the rows as numbers: a class by its place from 0; null of a row that has neither a class's name nor a number. */
export function targetsOf({ values, targets }: Given, classes: readonly string[], rule: Rule): (readonly number[] | null)[] {
  if (targets) return [...targets];
  const places = new Map(classes.map((name, k) => [keyOf(name), k]));
  return values.map((text) => {
    const place = places.get(keyOf(text));
    if (place !== undefined) return [place];
    const number = readNumber(text, rule);
    return number instanceof Unread ? null : [number];
  });
}

const keyOf = (name: string): string => name.normalize("NFKC").trim().toLowerCase();

/** Whether all of these can be the targets of a loss. */
export function fits({ count, classes, shares }: Aim, targets: readonly (readonly number[] | null)[]): boolean {
  const last = classes === null ? (shares ? 1 : Infinity) : classes - 1;
  const least = last === Infinity ? -Infinity : 0;
  return targets.every((row) => row?.length === count && row.every((value) => value >= least && value <= last && (classes === null || Number.isInteger(value))));
}

/** The losses that these targets have, the likeliest first: of classes before numbers, in the order of the outputs. */
export function fitting(endings: readonly Ending[], given: Given, rule: Rule): { aim: Aim; targets: readonly (readonly number[])[] }[] {
  const found = endings.flatMap((ending) => {
    const targets = targetsOf(given, ending.classes, rule);
    return aimsOf(ending).flatMap((aim) => (fits(aim, targets) ? [{ aim, targets: targets as readonly (readonly number[])[] }] : []));
  });
  return found.sort((a, b) => Number(a.aim.loss === "mse") - Number(b.aim.loss === "mse"));
}

/** The shape of a row's targets, as the API takes them. */
export const targetShape = ({ classes }: Aim, output: readonly number[]): readonly number[] => (classes === null ? output : output.slice(0, -1));

/** What the server told of the rows, which may have been asked in parts. */
export interface Losses {
  readonly rows: readonly number[];
  readonly mean: number;
  /** Of classes, for each row: 1 where it is right, 0 where not, of several places the share that is right; null of numbers. */
  readonly right: readonly number[] | null;
  readonly accuracy: number;
  /** The class that each row is taken for, of a share 1 from a half on; null where a row has none, or several. */
  readonly guesses: readonly number[] | null;
}

/** An answer of POST /api/v1/loss, with what is not finite in its place. */
export interface LossDocument extends NonFinite {
  readonly rows: readonly number[];
  readonly mean: number;
  readonly right?: readonly number[];
  readonly accuracy?: number;
  readonly guesses?: readonly (number | readonly number[])[];
}

export function lossesOf({ rows, mean, right, accuracy, guesses }: LossDocument): Losses {
  const all = guesses?.flat() ?? [];
  return { rows, mean, right: right ?? null, accuracy: accuracy ?? NaN, guesses: guesses && all.length === rows.length ? all : null };
}

/** Those of two parts as of one: each mean counts by its rows. */
export function joined(a: Losses, b: Losses): Losses {
  const [n, m] = [a.rows.length, b.rows.length];
  const mean = (x: number, y: number): number => (x * n + y * m) / (n + m);
  const both = (x: readonly number[] | null, y: readonly number[] | null): number[] | null => x && y && [...x, ...y];
  return { rows: [...a.rows, ...b.rows], mean: mean(a.mean, b.mean), right: both(a.right, b.right), accuracy: mean(a.accuracy, b.accuracy), guesses: both(a.guesses, b.guesses) };
}

/** The rows with the wrong ones first, and among these the largest loss; what is no number before all. */
export function worstFirst({ rows, right }: Losses): number[] {
  const loss = (k: number): number => (Number.isNaN(rows[k]!) ? Infinity : rows[k]!);
  return rows.map((_, k) => k).sort((a, b) => (right?.[a] ?? 0) - (right?.[b] ?? 0) || (loss(a) === loss(b) ? a - b : loss(b) - loss(a)));
}
