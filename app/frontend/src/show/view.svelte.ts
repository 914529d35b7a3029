import { neuronOf, type Part } from "../studio/selection";
import type { Kept } from "../studio/storage";

export const SCOPES = ["everything", "ancestry", "threshold"] as const;
export const NUMBERS = ["on", "hover", "off"] as const;
export const DIGITS = { least: 2, usual: 4, most: 8 };

export interface ViewChoice {
  /** Which neurons and edges stand out: all, what the selected neuron is made of, or what is not below the threshold. */
  scope: (typeof SCOPES)[number];
  /** Least |value| of a neuron and least |weight| of an edge that stands out. */
  threshold: number;
  /** Whether the diagram writes its numbers. */
  numbers: (typeof NUMBERS)[number];
  /** Digits after the decimal mark, on the whole page. */
  digits: number;
}

const USUAL: ViewChoice = { scope: "everything", threshold: 0.5, numbers: "on", digits: DIGITS.usual };
const KEY = "adelante.view.v1";

/** How much of the network is shown. It changes no number; the browser keeps it beside the state. */
export class View {
  choice = $state.raw<ViewChoice>(USUAL);
  #storage: Kept | null = null;

  constructor(private readonly selected: { readonly part: Part | null }) {}

  /** Takes up what an earlier visit chose, and keeps what is chosen from now on. */
  keep(storage: Kept): void {
    this.#storage = storage;
    try {
      this.choice = checkedView(JSON.parse(storage.getItem(KEY) ?? "null"));
    } catch {
      // Nothing kept, or nothing that can be read: the usual view.
    }
  }

  choose(part: Partial<ViewChoice>): void {
    this.choice = checkedView({ ...this.choice, ...part });
    try {
      this.#storage?.setItem(KEY, JSON.stringify(this.choice));
    } catch {
      // Without room or permission the choice lasts as long as the page.
    }
  }

  /** Least |weight| that stands out; 0: all do. */
  readonly leastWeight = $derived.by(() => (this.choice.scope === "threshold" ? this.choice.threshold : 0));

  /** The neuron whose ancestry alone is shown; null where everything is. */
  readonly #descendant = $derived.by(() => {
    const { part } = this.selected;
    return this.choice.scope === "ancestry" && part ? neuronOf(part) : null;
  });

  /** Whether a neuron stands back. */
  hidesNeuron(layer: number, neuron: number, value: number | undefined): boolean {
    if (this.choice.scope === "threshold") return value !== undefined && Math.abs(value) < this.choice.threshold;
    const of = this.#descendant;
    return of !== null && (layer > of.layer || (layer === of.layer && neuron !== of.neuron));
  }

  /** Of the edges into a layer: whether all stand back, or all but the selected neuron's. */
  hidesEdges(layer: number): "all" | "others" | "none" {
    const of = this.#descendant;
    if (of === null || layer < of.layer) return "none";
    return layer === of.layer ? "others" : "all";
  }
}

/** A view from anywhere: every part that is none is the usual one. */
export function checkedView(document: unknown): ViewChoice {
  const given = (typeof document === "object" && document !== null ? document : {}) as Partial<Record<keyof ViewChoice, unknown>>;
  const { least, most } = DIGITS;
  const { scope, threshold, numbers, digits } = given;
  return {
    scope: SCOPES.find((each) => each === scope) ?? USUAL.scope,
    threshold: typeof threshold === "number" && Number.isFinite(threshold) && threshold >= 0 ? threshold : USUAL.threshold,
    numbers: NUMBERS.find((each) => each === numbers) ?? USUAL.numbers,
    digits: Number.isInteger(digits) ? Math.min(most, Math.max(least, digits as number)) : USUAL.digits,
  };
}
