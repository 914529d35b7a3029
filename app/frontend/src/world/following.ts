import { vocabularyOf } from "./starting";
import type { Cell, LayerOutline, Outline, TensorOutline } from "./types";

/**
 * Which dimensions of each tensor follow the words or the moments that are put in: a row for each word. It is followed from layer to
 * layer, and nothing is guessed from sizes: of what an operation does with a dimension and is not known here, nothing is said.
 */

/** A dimension whose places are places of an input: which input, and of each which of its places; −1 for one that is of none, as what was padded. */
export interface Followed {
  readonly input: string;
  readonly places: readonly number[];
}

/** Of each dimension what it follows; null where it follows no input. */
export type Follows = readonly (Followed | null)[];

/** Layers by which a table of numbers is known as one of moments, a row each: they take each row by itself. */
const BY_ROW = new Set(["dense", "linear", "layer_norm", "rms_norm"]);
/** They give as many numbers along a dimension, and others, or in another order. */
const REORDERS = new Set([
  ...["roll", "flip", "argsort", "argtopk", "gather", "index", "index_select", "index_put", "index_add", "scatter", "scatter_add", "repeat_interleave"],
  ...["addmm", "full", "arange", "unfold", "windows", "diagonal", "pixel_shuffle", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"],
]);
const REGROUPS = new Set(["reshape", "flatten", "unflatten", "squeeze", "unsqueeze"]);

/** About how wide a letter of these words is, and how wide a word is at most, in pixels. */
const LETTER = 7;
const WIDEST = 35;

interface Places {
  /** How many words the vocabulary has of which they are; null for moments. */
  readonly vocabulary: number | null;
  /** How wide what stands there is, at most, in pixels. */
  readonly width: number;
}

/** Which words, or which moments, rows and columns are of. */
export class Following {
  readonly #follows: ReadonlyMap<string, Follows>;
  readonly #places: ReadonlyMap<string, Places>;

  /** `words`: what those of its vocabulary are called, where that is known; `values`: the numbers of an input, as they are now. */
  constructor(
    outline: Outline,
    private readonly words: readonly string[],
    private readonly values: (input: string) => ArrayLike<number> | undefined = () => undefined,
  ) {
    this.#follows = followed(outline);
    this.#places = new Map(outline.inputs.map((input) => [input.name, this.#placesOf(input, outline.layers)]));
  }

  #placesOf(input: TensorOutline, layers: readonly LayerOutline[]): Places {
    const count = input.shape[0] ?? 1;
    const vocabulary = vocabularyOf(input, layers);
    const longest = vocabulary === null ? String(count).length : vocabulary === this.words.length ? Math.max(...this.words.map(({ length }) => length)) : String(vocabulary - 1).length;
    return { vocabulary, width: Math.min(WIDEST, LETTER * longest) };
  }

  /** What each dimension of a tensor follows. */
  of = (tensor: string): Follows => this.#follows.get(tensor) ?? [];

  /** How wide the words are that each dimension follows. */
  widths = (tensor: string): (number | null)[] => this.of(tensor).map((each) => each && this.#places.get(each.input)!.width);

  /** What each place of a dimension is of: a word that was put in, or which moment; null where it follows no input. */
  wordsOf(tensor: string, dim: number): readonly string[] | null {
    const followed = this.of(tensor)[dim] ?? null;
    return followed && this.at(followed, this.values(followed.input));
  }

  /** The word that a cell is of along a dimension; null where that follows none, or moments. */
  wordAt({ tensor, at }: Cell, dim: number): string | null {
    const followed = this.of(tensor)[dim] ?? null;
    return followed && this.areWords(followed.input) ? (this.wordsOf(tensor, dim)?.[at[dim]!] ?? null) : null;
  }

  areWords = (input: string): boolean => this.#places.get(input)!.vocabulary !== null;

  /** What stands at each of these places of an input with these values: its words or their numbers, or which moments they are, from 1. */
  at({ input, places }: Followed, values: ArrayLike<number> | undefined): string[] {
    const { vocabulary } = this.#places.get(input)!;
    const word = (value: number | undefined): string => (vocabulary === this.words.length ? this.words[value ?? -1] : undefined) ?? String(value ?? "");
    return places.map((place) => (place < 0 ? "" : vocabulary === null ? String(place + 1) : word(values?.[place])));
  }
}

export function followed(outline: Outline): ReadonlyMap<string, Follows> {
  const known = new Map<string, Known>();
  const note = ({ name, shape }: TensorOutline, follows: Follows): unknown => known.set(name, { shape, follows });
  for (const input of outline.inputs) note(input, ofInput(input, outline.layers));
  for (const layer of outline.layers) {
    const { activations, preActivations, takes } = layer;
    const follows = ofLayer(layer, takes.map((name) => known.get(name) ?? { shape: [], follows: [] }));
    note(activations, follows);
    if (preActivations) note(preActivations, follows);
  }
  return new Map([...known].map(([name, { follows }]) => [name, follows]));
}

function ofInput(input: TensorOutline, layers: readonly LayerOutline[]): Follows {
  const { name, shape } = input;
  const words = shape.length === 1 && vocabularyOf(input, layers) !== null;
  const moments = shape.length === 2 && layers.some(({ kind, takes }) => BY_ROW.has(kind) && takes.includes(name));
  return shape.map((size, dim) => (dim === 0 && (words || moments) ? { input: name, places: Array.from({ length: size }, (_, place) => place) } : null));
}

interface Known {
  readonly shape: readonly number[];
  readonly follows: Follows;
}

function ofLayer({ kind, options, activations: { shape } }: LayerOutline, taken: readonly Known[]): Follows {
  const [first, second] = taken;
  const none = shape.map(() => null);
  if (!first || REORDERS.has(kind)) return none;
  if (kind === "embedding") return [...first.follows, ...none].slice(0, shape.length);
  if (kind === "dense" || kind === "linear") return shape.map((_, dim) => (dim < shape.length - 1 ? (first.follows[dim] ?? null) : null));
  if (kind === "matmul") {
    if (!second || shape.length < 2) return none;
    return [...alongside(shape, taken).slice(0, -2), first.follows.at(-2) ?? null, second.follows.at(-1) ?? null];
  }
  // Channels are mixed. With a stride a place is no longer the one that it was.
  if (kind.startsWith("conv")) return isOne(options["stride"]) ? alongside(shape, taken).map((each, dim) => (dim === shape.length - 1 - Number(kind[4]) ? null : each)) : none;
  if (REGROUPS.has(kind)) return regrouped(first, shape);
  const way = WAYS[kind];
  return way ? clearly(shape, taken, (whole) => way(whole, options)) : alongside(shape, taken);
}

const isOne = (stride: unknown): boolean => [stride ?? 1].flat().every((each) => each === 1);

/** Where each number is made of those at its own place, or of its row: what is taken is laid over the result from the last dimension on. */
function alongside(shape: readonly number[], taken: readonly Known[]): Follows {
  return shape.map((size, dim) =>
    agreed(
      taken.flatMap((each) => {
        const own = dim - shape.length + each.shape.length;
        return each.shape[own] === size ? [each.follows[own] ?? null] : [];
      }),
    ),
  );
}

const keyOf = (each: Followed | null): string => (each ? `${each.input} ${each.places.join()}` : "");

/** What all of these follow that follow anything; null where they follow several. */
function agreed(all: readonly (Followed | null)[]): Followed | null {
  const said = all.filter((each) => each !== null);
  return said.every((each) => keyOf(each) === keyOf(said[0]!)) ? (said[0] ?? null) : null;
}

/**
 * By a rule for whole tensors. The server counts the batch before the other dimensions, where there is one, and leaves it out of a
 * shape that begins with it: what comes to this shape in one way is said, and of what may have come in several, nothing.
 */
function clearly(shape: readonly number[], taken: readonly Known[], rule: (whole: readonly Known[]) => Known | null): Follows {
  const none = shape.map(() => null);
  const found = [true, false].flatMap((batch): Follows[] => {
    const made = rule(batch ? taken.map((each) => ({ shape: [1, ...each.shape], follows: [null, ...each.follows] })) : taken);
    if (!made) return [];
    const { shape: all, follows } = made;
    if (all.join() === shape.join()) return [follows];
    return all[0] === 1 && all.slice(1).join() === shape.join() ? [follows.slice(1)] : [];
  });
  const [one, other] = found;
  return one && (!other || one.map(keyOf).join("|") === other.map(keyOf).join("|")) ? one : none;
}

type Options = LayerOutline["options"];
type Way = (taken: readonly Known[], options: Options) => Known | null;

const at = (dim: unknown, rank: number): number => (Number(dim) < 0 ? rank + Number(dim) : Number(dim));

const ordered = ({ shape, follows }: Known, order: readonly number[]): Known => ({ shape: order.map((dim) => shape[dim]!), follows: order.map((dim) => follows[dim] ?? null) });

/** With another dimension in the place of one. */
const replaced = ({ shape, follows }: Known, dim: number, size: number, by: Followed | null): Known => ({
  shape: shape.map((each, k) => (k === dim ? size : each)),
  follows: shape.map((_, k) => (k === dim ? by : (follows[k] ?? null))),
});

const picked = (followed: Followed | null, pick: (places: readonly number[]) => readonly number[]): Followed | null => followed && { ...followed, places: pick(followed.places) };

function reduced([first]: readonly Known[], { dim, keepdim }: Options): Known {
  const { shape, follows } = first!;
  const gone = new Set(dim == null ? shape.keys() : [dim].flat().map((each) => at(each, shape.length)));
  if (keepdim) return { shape: shape.map((size, k) => (gone.has(k) ? 1 : size)), follows: follows.map((each, k) => (gone.has(k) ? null : each)) };
  return ordered(first!, [...shape.keys()].filter((k) => !gone.has(k)));
}

/** One after the other along a dimension: those of one input, and between them others that follow none. */
function joined(taken: readonly Known[], { dim }: Options): Known {
  const { shape } = taken[0]!;
  const along = at(dim ?? 0, shape.length);
  const parts = taken.map((each) => ({ size: each.shape[along] ?? 0, followed: each.follows[along] ?? null }));
  const inputs = new Set(parts.flatMap(({ followed }) => followed?.input ?? []));
  const places = parts.flatMap(({ size, followed }) => followed?.places ?? Array.from({ length: size }, () => -1));
  const others = { shape, follows: shape.map((_, k) => agreed(taken.map(({ follows }) => follows[k] ?? null))) };
  return replaced(others, along, places.length, inputs.size === 1 ? { input: [...inputs][0]!, places } : null);
}

function padded([first]: readonly Known[], { pad, mode }: Options): Known {
  const sides = pad as number[];
  return Array.from({ length: sides.length / 2 }, (_, k) => k).reduce((known, k) => {
    const [dim, before, after] = [known.shape.length - 1 - k, sides[2 * k]!, sides[2 * k + 1]!];
    if (dim < 0 || (before === 0 && after === 0)) return known;
    const nothing = (count: number): number[] => Array.from({ length: count }, () => -1);
    const isKnown = before >= 0 && after >= 0 && (mode ?? "constant") === "constant";
    const by = isKnown ? picked(known.follows[dim] ?? null, (places) => [...nothing(before), ...places, ...nothing(after)]) : null;
    return replaced(known, dim, known.shape[dim]! + before + after, by);
  }, first!);
}

/** What operations do with dimensions of whole tensors, as torch counts them; null where they could not. */
const WAYS: Readonly<Record<string, Way>> = {
  permute: ([first], { dims }) => ordered(first!, (dims as number[]).map((dim) => at(dim, first!.shape.length))),
  transpose: ([first], { dim0, dim1 }) => {
    const rank = first!.shape.length;
    const [one, other] = [at(dim0, rank), at(dim1, rank)];
    return ordered(first!, Array.from({ length: rank }, (_, dim) => (dim === one ? other : dim === other ? one : dim)));
  },
  slice: ([first], { dim, start, end, step }) => {
    const along = at(dim ?? 0, first!.shape.length);
    const size = first!.shape[along];
    if (size === undefined) return null;
    const kept = Array.from({ length: size }, (_, place) => place).slice(Number(start ?? 0), end == null ? size : Number(end)).filter((_, k) => k % Number(step ?? 1) === 0);
    return replaced(first!, along, kept.length, picked(first!.follows[along] ?? null, (places) => kept.map((place) => places[place]!)));
  },
  select: ([first], { dim }) => ordered(first!, [...first!.shape.keys()].filter((k) => k !== at(dim, first!.shape.length))),
  stack: (taken, { dim }) => {
    const { shape } = taken[0]!;
    const along = at(dim ?? 0, shape.length + 1);
    const follows = shape.map((_, k) => agreed(taken.map((each) => each.follows[k] ?? null)));
    return { shape: shape.toSpliced(along, 0, taken.length), follows: follows.toSpliced(along, 0, null) };
  },
  cat: joined,
  pad: padded,
  ...Object.fromEntries(["mean", "sum", "prod", "amax", "amin", "argmax", "argmin"].map((kind) => [kind, reduced])),
};

/** The same numbers in their order, in other dimensions: one that stays as long, with as many numbers before it, is the same one. */
function regrouped({ shape: from, follows }: Known, to: readonly number[]): Follows {
  const starts = new Map<string, Followed | null>();
  let before = 1;
  from.forEach((size, dim) => {
    if (size > 1) starts.set(`${before} ${size}`, follows[dim] ?? null);
    before *= size;
  });
  before = 1;
  return to.map((size) => {
    const found = size > 1 ? (starts.get(`${before} ${size}`) ?? null) : null;
    before *= size;
    return found;
  });
}
