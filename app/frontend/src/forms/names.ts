import type { Translate } from "../text/messages";
import type { Cell, LayerOutline, Outline, TensorOutline } from "../world/types";

/** What cells are called where people read them: a layer's name or kind, what of the layer it is, indices from 1. */

export interface TensorName {
  readonly tensor: TensorOutline;
  /** null for an input. */
  readonly layer: LayerOutline | null;
  /** The layer's or the input's name: of two of one name with what tells them apart. */
  readonly base: string;
  /** The same without a module's path, as it stands over the layer in the diagram. */
  readonly title: string;
  /** What of the layer: "" for its activations, "z" for what is before them, else the parameter's own name. */
  readonly what: string;
}

/** Names of all tensors of a network, found once. */
export class Names {
  readonly #named = new Map<string, TensorName>();

  constructor(
    outline: Outline,
    private readonly t: Translate,
  ) {
    for (const tensor of outline.inputs) {
      const base = tensor.name === "inputs" ? t("forms.inputs") : tensor.name.replace(/^inputs\./, "");
      this.#named.set(tensor.name, { tensor, layer: null, base, title: base, what: "" });
    }
    const names = outline.layers.map((layer) => nameOf(layer, t));
    const bases = distinct(outline.layers, names);
    const learners = new Map<string, Set<string>>();
    outline.layers.forEach((layer, k) => {
      const [base, name] = [bases[k]!, names[k]!];
      const title = base.endsWith(`.${name}`) ? name : base;
      for (const tensor of layer.parameters) {
        // What a module that is used several times learns is its own, and none of its uses'; what several share is all of theirs.
        const whose = (learners.get(tensor.name) ?? new Set()).add(name);
        learners.set(tensor.name, whose);
        const shared = this.#named.has(tensor.name) ? [...whose].join("/") : null;
        this.#named.set(tensor.name, { tensor, layer, base: shared ?? base, title: shared ?? title, what: roleOf(tensor, layer) });
      }
      if (layer.preActivations) this.#named.set(layer.preActivations.name, { tensor: layer.preActivations, layer, base, title, what: "z" });
      this.#named.set(layer.activations.name, { tensor: layer.activations, layer, base, title, what: "" });
    });
  }

  /** What stands over the layer of a tensor, or over an input. */
  title(tensor: string): string {
    return this.of(tensor)?.title ?? tensor;
  }

  /** The same in two parts: the name, and the layer's number where only that tells it from others of the name. */
  heading(tensor: string): { name: string; number: number | null } {
    const { layer, title } = this.of(tensor) ?? { layer: null, title: tensor };
    const name = layer && nameOf(layer, this.t);
    return layer && name && title === numbered(name, layer) ? { name, number: layer.index + 1 } : { name: title, number: null };
  }

  of(tensor: string): TensorName | undefined {
    return this.#named.get(tensor);
  }

  /** A tensor in words: "edges", "z of edges", "weights of edges". */
  tensor(name: string): string {
    const named = this.of(name);
    if (!named) return name;
    if (named.what === "") return named.base;
    return this.t("forms.of-layer", { what: this.word(named.what), layer: named.base });
  }

  /** What of a layer a tensor is, for beside the layer's own name: "weights", "z"; the layer itself for its activations. */
  short(name: string): string {
    const named = this.of(name);
    return !named ? name : named.what === "" ? named.base : this.word(named.what);
  }

  /** The same, of what was only moved to it: a transpose's keys are the keys. */
  source(name: string): string {
    let named = this.of(name);
    for (let k = 0; k < MOST_MOVES && named?.layer && MOVES.has(named.layer.kind) && named.what === ""; k++) {
      const before: TensorName | undefined = this.of(named.layer.takes[0] ?? "");
      if (!before) break;
      named = before;
    }
    return named ? this.short(named.tensor.name) : name;
  }

  /** A parameter's name in the page's language, where that has a word for it. */
  word(what: string): string {
    const key = PARAMETERS[what];
    return key ? this.t(key) : what;
  }

  /** A cell in words: "edges[4, 4, 4]". `own`: what the cell itself is called, such as a class. */
  cell(cell: Cell, own: string | null = null): string {
    if (own !== null) return this.t("forms.class", { name: own });
    return `${this.tensor(cell.tensor)}${printedAt(cell.at)}`;
  }
}

const MOVES = new Set(["transpose", "permute", "reshape", "view", "flatten", "contiguous", "unsqueeze", "squeeze", "expand"]);
const MOST_MOVES = 8;
/** What a layer takes from no other one and no input. */
const CONSTANT = "inputs";
/** What of a layer a parameter is, by its tensor's name; of PReLU the other number is its slope. */
const roleOf = ({ name }: TensorOutline, { kind }: LayerOutline): string => (kind === "prelu" ? "slope" : name.split(".").at(-1)!);
/** What parameters are called in the page's languages; all others by the field's own names. */
const PARAMETERS: Readonly<Record<string, string>> = {
  weights: "forms.parameter-weights",
  biases: "forms.parameter-biases",
  [CONSTANT]: "forms.parameter-own",
  scale: "forms.parameter-scale",
  slope: "forms.parameter-slope",
  shift: "forms.parameter-shift",
  mean: "forms.parameter-mean",
  variance: "forms.parameter-variance",
};

/** Indices as people count them, from 1: [4, 4, 4]. */
export const printedAt = (at: readonly number[]): string => (at.length === 0 ? "" : `[${at.map((index) => index + 1).join(", ")}]`);

/** The field's word for a kind of layer: max pooling for max_pool2d. */
export function kindWord(kind: string, t: Translate): string {
  const [, base = kind, dims, rest = ""] = /^(.*)([123])d(_.*)?$/.exec(kind) ?? [];
  const key = `world.kind-${base}${rest}`;
  const word = t(key);
  if (word === key) return kind;
  // Pictures are what most are of.
  return dims === undefined || dims === "2" ? word : t("world.kind-in", { kind: word, dims });
}

/** The same with the field's own name, where that is another: max pooling (max_pool2d). */
export function kindTitle(kind: string, t: Translate): string {
  const word = kindWord(kind, t);
  return word.toLowerCase().replaceAll(/\W/g, "_") === kind ? word : `${word} (${kind})`;
}

/** A layer's own name; of one without, what its kind is called. */
const nameOf = ({ name, kind }: LayerOutline, t: Translate): string => (name && name !== kind ? name : kindWord(kind, t));

const numbered = (name: string, { index }: LayerOutline): string => `${name} ${index + 1}`;

/** Names of layers: those that several share with as much of the modules' path as tells them apart, or with the layer's number. */
function distinct(layers: readonly LayerOutline[], names: readonly string[]): string[] {
  const sharing = new Map<string, LayerOutline[]>();
  for (const [k, layer] of layers.entries()) {
    const there = sharing.get(names[k]!);
    if (there) there.push(layer);
    else sharing.set(names[k]!, [layer]);
  }
  const apart = new Map([...sharing].flatMap(([name, some]) => (some.length > 1 ? toldApart(name, some) : [])));
  return layers.map((layer, k) => apart.get(layer) ?? names[k]!);
}

/** Layers of one name, each with the name that no other has. */
function toldApart(name: string, layers: readonly LayerOutline[]): [LayerOutline, string][] {
  const ends = layers.map(({ module }) => {
    const parts = module?.split(".") ?? [];
    const path = parts.at(-1) === name ? parts : [...parts, name];
    return path.map((_, k) => path.slice(-1 - k).join("."));
  });
  const [counts, wholes] = [ends.flat(), ends.map((own) => own.at(-1)!)].map(counted) as [Map<string, number>, Map<string, number>];
  return layers.map((layer, k) => {
    // A place in a row says nothing without what is in that row.
    const short = ends[k]!.find((end) => counts.get(end) === 1 && !/^\d/.test(end));
    const whole = ends[k]!.at(-1)!;
    return [layer, short ?? (wholes.get(whole) === 1 ? whole : numbered(name, layer))];
  });
}

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

export const sameCell = (one: Cell | null, other: Cell | null): boolean =>
  one === other || (!!one && !!other && one.tensor === other.tensor && one.at.length === other.at.length && one.at.every((index, k) => index === other.at[k]));
