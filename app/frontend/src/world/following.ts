import { vocabularyOf } from "./starting";
import type { LayerOutline, Outline, TensorOutline } from "./types";

/**
 * Which dimensions of each tensor follow the words or the moments that are put in: a row for each word. It is followed from layer to
 * layer, and nothing is guessed from sizes: of what an operation does with a dimension and is not known here, nothing is said.
 */

/** Of each dimension the input whose places it follows; null where it follows none. */
export type Follows = readonly (string | null)[];

/** Layers by which a table of numbers is known as one of moments, a row each: they take each row by itself. */
const BY_ROW = new Set(["dense", "linear", "layer_norm", "rms_norm"]);
/** They give as many numbers along a dimension, and others, or in another order. */
const REORDERS = new Set(["roll", "flip", "argsort", "argtopk", "gather", "index", "index_select", "index_put", "index_add", "scatter", "scatter_add", "addmm", "full", "arange"]);

/** About how wide a letter of these words is, and how wide a word is at most, in pixels. */
const LETTER = 7;
const WIDEST = 35;

interface Places {
  readonly count: number;
  /** How many words the vocabulary has of which they are; null for moments. */
  readonly vocabulary: number | null;
  /** How wide what stands there is, at most, in pixels. */
  readonly width: number;
}

/** Which words, or which moments, rows and columns are of. */
export class Following {
  readonly #follows: ReadonlyMap<string, Follows>;
  readonly #places: ReadonlyMap<string, Places>;

  /** `words`: what those of its vocabulary are called, where that is known. */
  constructor(
    outline: Outline,
    private readonly words: readonly string[],
  ) {
    this.#follows = followed(outline);
    this.#places = new Map(outline.inputs.map((input) => [input.name, this.#placesOf(input, outline.layers)]));
  }

  #placesOf(input: TensorOutline, layers: readonly LayerOutline[]): Places {
    const [count, vocabulary] = [input.shape[0] ?? 1, vocabularyOf(input, layers)];
    const longest = vocabulary === null ? String(count).length : vocabulary === this.words.length ? Math.max(...this.words.map(({ length }) => length)) : String(vocabulary - 1).length;
    return { count, vocabulary, width: Math.min(WIDEST, LETTER * longest) };
  }

  /** Of each dimension of a tensor the input that it follows. */
  of = (tensor: string): Follows => this.#follows.get(tensor) ?? [];

  /** How wide the words are that each dimension follows. */
  widths = (tensor: string): (number | null)[] => this.of(tensor).map((input) => (input === null ? null : this.#places.get(input)!.width));

  areWords = (input: string): boolean => this.#places.get(input)!.vocabulary !== null;

  /** What stands at each place of an input with these values: its words or their numbers, or which moments they are, from 1. */
  at(input: string, values: ArrayLike<number> | undefined): string[] {
    const { count, vocabulary } = this.#places.get(input)!;
    const word = (value: number | undefined): string => (vocabulary === this.words.length ? this.words[value ?? -1] : undefined) ?? String(value ?? "");
    return Array.from({ length: count }, (_, k) => (vocabulary === null ? String(k + 1) : word(values?.[k])));
  }
}

export function followed(outline: Outline): ReadonlyMap<string, Follows> {
  const known = new Map<string, { readonly shape: readonly number[]; readonly follows: Follows }>();
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
  return shape.map((_, dim) => (dim === 0 && (words || moments) ? name : null));
}

type Taken = readonly { readonly shape: readonly number[]; readonly follows: Follows }[];

function ofLayer({ kind, options, activations: { shape } }: LayerOutline, taken: Taken): Follows {
  const [first, second] = taken;
  const none = shape.map(() => null);
  if (!first) return none;
  if (kind === "embedding") return [...first.follows, ...none].slice(0, shape.length);
  if (kind === "dense" || kind === "linear") return shape.map((_, dim) => (dim < shape.length - 1 ? (first.follows[dim] ?? null) : null));
  if (kind === "matmul") {
    if (!second || shape.length < 2) return none;
    return [...alongside(shape, taken).slice(0, -2), first.follows.at(-2) ?? null, second.follows.at(-1) ?? null];
  }
  if (kind === "transpose" || kind === "permute") return turned(shape, options, first) ?? none;
  if (kind === "reshape" || kind === "flatten" || kind === "unflatten" || kind === "squeeze" || kind === "unsqueeze") return regrouped(first, shape);
  return REORDERS.has(kind) ? none : alongside(shape, taken);
}

/** Where each number is made of those at its own place, or of its row: what is taken is laid over the result from the last dimension on. */
function alongside(shape: readonly number[], taken: Taken): Follows {
  return shape.map((size, dim) => {
    const found = taken.flatMap((each) => {
      const own = dim - shape.length + each.shape.length;
      return each.shape[own] === size ? [each.follows[own] ?? null] : [];
    });
    const said = new Set(found.filter((each) => each !== null));
    return said.size === 1 ? [...said][0]! : null;
  });
}

/** Dimensions in another order. The server counts the batch before them, where there is one: where it is not clear whether there is, nothing is said. */
function turned(shape: readonly number[], options: LayerOutline["options"], { shape: from, follows }: Taken[number]): Follows | null {
  const orders = [1, 0].flatMap((batch) => {
    const whole = from.length + batch;
    const place = (dim: number): number => (dim < 0 ? whole + dim : dim);
    const order = Array.from({ length: whole }, (_, dim) => dim);
    const { dims, dim0, dim1 } = options as { dims?: number[]; dim0?: number; dim1?: number };
    if (dims) order.splice(0, whole, ...dims.map(place));
    else if (dim0 !== undefined && dim1 !== undefined) [order[place(dim0)], order[place(dim1)]] = [place(dim1), place(dim0)];
    const own = order.slice(batch).map((dim) => dim - batch);
    return own.length === from.length && own.every((dim, k) => from[dim] === shape[k]) ? [own.map((dim) => follows[dim] ?? null)] : [];
  });
  const [one, other] = orders;
  return one && (!other || other.join() === one.join()) ? one : null;
}

/** The same numbers in their order, in other dimensions: one that stays as long, with as many numbers before it, is the same one. */
function regrouped({ shape: from, follows }: Taken[number], to: readonly number[]): Follows {
  const starts = new Map<string, string | null>();
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
