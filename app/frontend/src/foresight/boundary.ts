/** Where a decision changes on a plane of samples. Pure. */

/**
 * By how much one output is ahead, at every sample: over `level` where it is the only one, else over the largest of the
 * others. `outputs` are (steps · steps) each. The decision changes where this is 0.
 */
export function leadOf(outputs: readonly Float32Array[], which: number, level: number): Float32Array {
  const own = outputs[which]!;
  const others = outputs.filter((_, j) => j !== which);
  return own.map((value, i) => {
    let against = others.length === 0 ? level : -Infinity;
    for (let j = 0; j < others.length; j++) against = Math.max(against, others[j]![i]!);
    return value - against;
  });
}

/** The value on which the decision of a single output turns: the middle of its range, 0 where that is not bounded. */
export function levelOf([low, high]: readonly [number | null, number | null]): number {
  return low === null || high === null ? 0 : (low + high) / 2;
}

type Cut = [number, number];

/**
 * The line on which a field is 0, as an SVG path in a square from 0 to 1 whose y grows downwards: marching squares,
 * straight between samples. `field` is (steps, steps), its rows growing upwards.
 */
export function zeroPath(field: ArrayLike<number>, steps: number): string {
  const last = steps - 1;
  let path = "";
  for (let row = 0; row < last; row++) {
    for (let column = 0; column < last; column++) {
      const at = row * steps + column;
      const a = field[at]!;
      const b = field[at + 1]!;
      const c = field[at + steps + 1]!;
      const d = field[at + steps]!;
      // Most cells: nothing is made for them, since thousands at every move would have the browser clear away in mid-move.
      if (a >= 0 === b >= 0 && b >= 0 === c >= 0 && c >= 0 === d >= 0) continue;
      const corners = [a, b, c, d];
      if (!corners.every(Number.isFinite)) continue;
      for (const [from, to] of cutsOf(corners)) {
        path += `M${place(from, column, row, last)}L${place(to, column, row, last)}`;
      }
    }
  }
  return path;
}

/** Where the zero line cuts a cell's sides, in pairs. Corners go round from the lower left. */
function cutsOf(corners: readonly number[]): [Cut, Cut][] {
  const cuts: Cut[] = [];
  for (let side = 0; side < 4; side++) {
    const a = corners[side]!;
    const b = corners[(side + 1) % 4]!;
    if (a >= 0 === b >= 0) continue;
    const t = a / (a - b);
    cuts.push(([[t, 0], [1, t], [1 - t, 1], [0, 1 - t]] as Cut[])[side]!);
  }
  if (cuts.length < 2) return [];
  if (cuts.length === 2) return [[cuts[0]!, cuts[1]!]];
  // A saddle: the middle of the cell decides which corners belong together.
  const middle = corners.reduce((sum, corner) => sum + corner, 0);
  return middle >= 0 === corners[0]! >= 0
    ? [
        [cuts[0]!, cuts[1]!],
        [cuts[2]!, cuts[3]!],
      ]
    : [
        [cuts[3]!, cuts[0]!],
        [cuts[1]!, cuts[2]!],
      ];
}

const place = ([x, y]: Cut, column: number, row: number, last: number): string =>
  `${round((column + x) / last)} ${round(1 - (row + y) / last)}`;

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
