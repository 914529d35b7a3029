/** Where an activation curve is drawn. Pure: the server's samples in, pixels out. */

export interface Frame {
  /** The plot's edges in pixels, y growing downwards. */
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Plot {
  x(value: number): number;
  y(value: number): number;
  zLow: number;
  zHigh: number;
  aLow: number;
  aHigh: number;
  /** The curve as an SVG path. */
  path: string;
}

/** How an activation's values are bounded; null: not on that side. */
export type Range = readonly [number | null, number | null];

/** `samples`: the z values, then as many values of f. `range`: the bounds of f, which the plot shows whole. */
export function plotOf(samples: Float32Array, range: Range, frame: Frame): Plot {
  const count = samples.length / 2;
  const [aLow, aHigh] = heightOf(samples.subarray(count), range);
  const zLow = samples[0]!;
  const zHigh = samples[count - 1]!;
  const x = (z: number): number => frame.left + ((z - zLow) / (zHigh - zLow)) * (frame.right - frame.left);
  const y = (a: number): number => frame.bottom - ((a - aLow) / (aHigh - aLow)) * (frame.bottom - frame.top);
  return { x, y, zLow, zHigh, aLow, aHigh, path: pathOf(samples.subarray(0, count), samples.subarray(count), x, y) };
}

/** The curve through these points; it is broken where a value is not finite. */
export function pathOf(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  x: (value: number) => number,
  y: (value: number) => number,
): string {
  let path = "";
  let drawing = false;
  for (let i = 0; i < xs.length; i++) {
    const known = Number.isFinite(xs[i]) && Number.isFinite(ys[i]);
    if (known) path += `${drawing ? "L" : "M"}${round(x(xs[i]!))} ${round(y(ys[i]!))}`;
    drawing = known;
  }
  return path;
}

/** From 0 or below to 0 or above: the function's own bounds, or round numbers around what it does here. */
export function heightOf(values: ArrayLike<number>, [low, high]: Range): [number, number] {
  let least = 0;
  let most = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const bottom = Math.min(0, low ?? 0 - roundUp(-least));
  const top = Math.max(0, high ?? roundUp(most));
  return top - bottom > 0 ? [bottom, top] : [-1, 1];
}

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];

/** The first round number at or above a value: 1, 1.5, 2, 3, 4, 5, 6, 8, 10 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = STEPS.find((each) => each * power >= value * (1 - 1e-6)) ?? 10;
  return Number((step * power).toPrecision(6));
}

const round = (value: number): number => Math.round(value * 10) / 10;
