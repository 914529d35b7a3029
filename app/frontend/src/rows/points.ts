/** A row of a batch as a point on a map of two of its numbers. */
export interface RowPoint {
  readonly x: number;
  readonly y: number;
  /** What stands beside it, as its class; null where nothing does. */
  readonly beside: string | null;
}

/** A sign has no room for more characters. */
const LONGEST = 4;

/** What stands for each of these words where there is room for a sign alone: as many of its first letters as tell it from the others. Part of a number would be another number: it stands whole or not at all. */
export function signsOf(words: Iterable<string>): Map<string, string> {
  const all = [...new Set(words)];
  const begins = (word: string, count: number): string => [...word].slice(0, count).join("");
  return new Map(
    all.filter((word) => word.length <= LONGEST || !/\d$/.test(word)).map((word) => {
      if (/\d$/.test(word)) return [word, word];
      for (let count = 1; count <= LONGEST; count++) {
        if (all.every((other) => other === word || begins(other, count) !== begins(word, count))) return [word, begins(word, count)];
      }
      return [word, begins(word, LONGEST)];
    }),
  );
}

/** Which of these signs have room on their map, as they come: where one would lie over another, its row is a dot. `character`: as wide and as high as one is, in the map's units. */
export function roomy(points: readonly { readonly x: number; readonly y: number; readonly sign: string }[], character: { readonly width: number; readonly height: number }): boolean[] {
  const placed: { x: number; y: number; half: number }[] = [];
  return points.map(({ x, y, sign }) => {
    const half = (character.width * [...sign].length) / 2;
    const free = placed.every((other) => Math.abs(other.y - y) >= character.height || Math.abs(other.x - x) >= half + other.half);
    if (free) placed.push({ x, y, half });
    return free;
  });
}
