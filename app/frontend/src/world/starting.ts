import { sizeOf } from "./cells";
import type { LayerOutline, Outline, TensorOutline } from "./types";

/** What an input begins with where its file has none: seeded, so that it is the same at every visit. */
export type Sort = "given" | "held-out" | "picture" | "noise" | "tokens" | "zeros";

export interface Starting {
  sort: Sort;
  values: Float64Array;
}

/** A small generator of numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The sides of the picture that so many numbers in a row were; null where they were none. */
export function sidesOf(count: number): number | null {
  const side = Math.sqrt(count);
  return Number.isInteger(side) && side >= 7 ? side : null;
}

/** What a file says of an input, by its name where there are several; null where that does not fit. */
export function given({ name, shape }: TensorOutline, inputs: unknown, sort: Sort = "given"): Starting | null {
  const own = Array.isArray(inputs) ? inputs : (inputs as Record<string, unknown> | null | undefined)?.[name.replace(/^inputs\./, "")];
  if (!Array.isArray(own)) return null;
  const flat = own.flat(Infinity) as unknown[];
  const fits = flat.length === sizeOf(shape) && flat.every((value) => typeof value === "number" && Number.isFinite(value));
  return fits ? { sort, values: Float64Array.from(flat as number[]) } : null;
}

/** What an input can begin with, the likeliest first. */
export function sortsOf(input: TensorOutline, layers: readonly LayerOutline[]): readonly Sort[] {
  if (!/float/.test(input.dtype)) return vocabularyOf(input, layers) === null ? ["zeros"] : ["tokens", "zeros"];
  return sidesIn(input.shape) ? ["picture", "noise", "zeros"] : ["noise", "zeros"];
}

/** The channels and sides of the picture that an input is; null where it is none. */
function sidesIn(shape: readonly number[]): readonly [channels: number, height: number, width: number] | null {
  if (shape.length === 3 && shape[1]! > 3 && shape[2]! > 3) return [shape[0]!, shape[1]!, shape[2]!];
  const side = shape.length === 1 ? sidesOf(sizeOf(shape)) : null;
  return side === null ? null : [1, side, side];
}

/** So far apart are the seeds of a network's inputs: asked for the next seed, none gets what another had. */
const BETWEEN_INPUTS = 0x9e3779b9;

export function startingValues(input: TensorOutline, outline: Outline, seed = 1, sort = sortsOf(input, outline.layers)[0]!): Starting {
  // Two inputs of one shape begin with different numbers: a pair that is compared would else say 0 all the way.
  const random = seeded(seed + BETWEEN_INPUTS * outline.inputs.findIndex(({ name }) => name === input.name));
  const count = sizeOf(input.shape);
  if (sort === "picture") return { sort, values: picture(...sidesIn(input.shape)!, random) };
  if (sort === "noise") return { sort, values: Float64Array.from({ length: count }, () => Math.round(100 * normal(random)) / 100) };
  if (sort !== "tokens") return { sort: "zeros", values: new Float64Array(count) };
  const words = vocabularyOf(input, outline.layers)!;
  return { sort, values: Float64Array.from({ length: count }, () => Math.floor(random() * words)) };
}

/** How many words the embedding has that takes these places, of an input or written in the network; null where none does. */
export function vocabularyOf(input: TensorOutline, layers: readonly LayerOutline[]): number | null {
  const embedding = layers.find(({ kind, takes, parameters }) => kind === "embedding" && (takes.includes(input.name) || parameters.some(({ name }) => name === input.name && !isTable(name))));
  return embedding?.parameters.find(({ name }) => isTable(name))?.shape[0] ?? null;
}

const isTable = (parameter: string): boolean => parameter.endsWith(".weights");

/** A bell-shaped number: a mean of 0, a spread of 1. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

// The first picture of a page waits for these two: they are written for code that runs for the first time, without lists that are taken apart.

/** A few soft strokes over a dark ground, from 0 to 1, as a written digit is. */
function picture(channels: number, height: number, width: number, random: () => number): Float64Array {
  const reach = Math.max(0.9, Math.min(height, width) / 16);
  const points = Array.from({ length: 4 }, () => [(0.2 + 0.6 * random()) * (width - 1), (0.2 + 0.6 * random()) * (height - 1)] as const);
  const ink = new Float64Array(height * width);
  for (let k = 1; k < points.length; k++) layStroke(ink, width, points[k - 1]!, points[k]!, reach);
  const values = new Float64Array(channels * ink.length);
  const strengths = Array.from({ length: channels }, () => (channels === 1 ? 1 : 0.4 + 0.6 * random()));
  for (let k = 0; k < ink.length; k++) {
    if (ink[k] === 0) continue;
    for (let channel = 0; channel < channels; channel++) values[channel * ink.length + k] = Math.round(100 * (strengths[channel]! * ink[k]!)) / 100;
  }
  return values;
}

/** Lays a line from one point to another over what is there: full near it, none from one and a half times its reach on. */
export function layStroke(ink: Float64Array, width: number, [ax, ay]: readonly [number, number], [bx, by]: readonly [number, number], reach: number): void {
  const along = bx - ax;
  const down = by - ay;
  const length = along * along + down * down || 1;
  const far = 1.5 * reach;
  const bottom = Math.min(ink.length / width, Math.ceil(Math.max(ay, by) + far) + 1);
  for (let y = Math.max(0, Math.floor(Math.min(ay, by) - far)); y < bottom; y++) {
    // The part of the line that is near enough to this row.
    const one = down === 0 ? ax : ax + within((y - far - ay) / down) * along;
    const other = down === 0 ? bx : ax + within((y + far - ay) / down) * along;
    const right = Math.min(width, Math.ceil(Math.max(one, other) + far) + 1);
    for (let x = Math.max(0, Math.floor(Math.min(one, other) - far)); x < right; x++) {
      const share = within(((x - ax) * along + (y - ay) * down) / length);
      const dx = x - ax - share * along;
      const dy = y - ay - share * down;
      const laid = Math.min(1, 1.5 - Math.sqrt(dx * dx + dy * dy) / reach);
      if (laid > ink[y * width + x]!) ink[y * width + x] = laid;
    }
  }
}

const within = (share: number): number => (share < 0 ? 0 : share > 1 ? 1 : share);
