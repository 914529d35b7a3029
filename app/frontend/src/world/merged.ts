/** All of both, each once: what is in both as the first has it, and in the order of the second; what only the first has comes after what it follows there. */
export function merged<T>(first: readonly T[], second: readonly T[], idOf: (each: T) => string): T[] {
  const [firstOnes, coming] = [new Map(first.map((each) => [idOf(each), each])), new Set(second.map(idOf))];
  const followers = new Map<string | null, T[]>([[null, []]]);
  let before: string | null = null;
  for (const each of first) {
    if (coming.has(idOf(each))) followers.set((before = idOf(each)), []);
    else followers.get(before)!.push(each);
  }
  return [...followers.get(null)!, ...second.flatMap((each) => [firstOnes.get(idOf(each)) ?? each, ...(followers.get(idOf(each)) ?? [])])];
}
