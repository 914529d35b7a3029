/** The places of so many of the largest numbers, the largest first; of equal ones those that stand before. NaN is none of them. */
export function largestFew(values: ArrayLike<number>, count: number): number[] {
  const found: number[] = [];
  for (let k = 0; k < values.length; k++) {
    const value = values[k]!;
    if (Number.isNaN(value) || (found.length === count && value <= values[found[count - 1]!]!)) continue;
    let place = found.length;
    while (place > 0 && values[found[place - 1]!]! < value) place--;
    found.splice(place, 0, k);
    if (found.length > count) found.pop();
  }
  return found;
}
