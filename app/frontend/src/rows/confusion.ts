import type { Aim } from "./losses";

/** How many rows of each class are taken for each class: the right one by row, the guess by column. */
export interface Confusion {
  /** The classes, of many those that there are. */
  readonly kinds: readonly number[];
  readonly counts: readonly (readonly number[])[];
}

/** Fewer classes all have their row, also one that no row has. */
const ALL = 12;
const MOST = 32;

/** The table of a batch; null where a row has no one class, or there are too many to be looked over. */
export function confusionOf({ aim, targets }: { readonly aim: Aim; readonly targets: readonly (readonly number[])[] }, guesses: readonly number[] | null): Confusion | null {
  const right = targets.map(([first]) => first!);
  if (aim.count !== 1 || (aim.classes === null && !aim.shares) || guesses?.length !== right.length || !right.every(Number.isInteger)) return null;
  const classes = aim.classes ?? 2;
  const kinds = classes <= ALL ? Array.from({ length: classes }, (_, k) => k) : [...new Set([...right, ...guesses])].sort((a, b) => a - b);
  if (kinds.length > MOST) return null;
  const places = new Map(kinds.map((kind, k) => [kind, k]));
  // What is no class at all the server refuses; until then there is nothing to count.
  if (!right.every((kind) => places.has(kind))) return null;
  const counts = kinds.map(() => kinds.map(() => 0));
  for (const [row, kind] of right.entries()) counts[places.get(kind)!]![places.get(guesses[row]!)!]!++;
  return { kinds, counts };
}
