/** A row of a batch as a point on a map of two of its numbers. */
export interface RowPoint {
  readonly x: number;
  readonly y: number;
  /** What stands beside it, as its class; null where nothing does. */
  readonly beside: string | null;
}

/** A sign has no room for more characters. */
const LONGEST = 4;

/** What stands for each of these words where there is room for a sign alone: as many of its first letters as tell it from the others. */
export function signsOf(words: Iterable<string>): Map<string, string> {
  const all = [...new Set(words)];
  const begins = (word: string, count: number): string => [...word].slice(0, count).join("");
  return new Map(
    all.map((word) => {
      for (let count = 1; count <= LONGEST; count++) {
        if (all.every((other) => other === word || begins(other, count) !== begins(word, count))) return [word, begins(word, count)];
      }
      return [word, begins(word, LONGEST)];
    }),
  );
}
