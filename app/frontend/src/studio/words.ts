import type { Layer } from "../model/types";
import type { Translate } from "../text/messages";
import { LayerSymbols, plain, type Symbol } from "../text/symbols";
import type { StudioData } from "./data";
import type { Print } from "./print";
import { layerTitle } from "./titles";

interface Given {
  t: Translate;
  print: Print;
  presets: StudioData["presets"];
  activations: StudioData["activations"];
  network: { readonly layers: readonly Layer[]; readonly sizes: readonly number[]; readonly names: readonly string[][]; readonly preset: string | null };
}

/** From here on a lone output says the second of its two classes. */
const HALF = 0.5;
/** Names that say only which number it is. */
const UNNAMED = /^[xy]\d*$/;

/** What the parts of the network are called. `layer` counts from 1, 0 is the inputs. */
export class Words {
  constructor(private readonly given: Given) {}

  /** What the weights, biases and sums of a layer are called. */
  symbols(layer: number): LayerSymbols {
    return new LayerSymbols(this.given.network.sizes.length > 2 ? String(layer) : "");
  }

  /** A weight, bias or sum as it is spoken: w11 of layer 2. */
  spokenSymbol(symbol: Symbol): string {
    return symbol.layer ? this.given.t("studio.of-layer", { name: plain(symbol), layer: symbol.layer }) : plain(symbol);
  }

  layerTitle(layer: number): string {
    const title = layerTitle(layer, this.given.network.layers);
    return typeof title === "string" ? title : this.given.print.message(title);
  }

  /** What an input is measured in, as the preset says; "" for a bare number, and in a network of the learner's own. */
  unit(input: number): string {
    return this.#preset?.input_units[input] ?? "";
  }

  /** An input's name with its unit: humidity (%). */
  measured(input: number): string {
    const name = this.given.network.names[0]?.[input] ?? "";
    const unit = this.unit(input);
    return unit === "" ? name : `${name} (${unit})`;
  }

  /** The class that outputs stand for: the strongest, or which of two a lone one is nearer to; null where they are no classes. */
  said(outputs: ArrayLike<number> | undefined): string | null {
    const classes = this.#preset?.class_names ?? [];
    const [first] = outputs ? Array.from(outputs) : [];
    if (first === undefined || Array.from(outputs!).some(Number.isNaN)) return null;
    if (outputs!.length === 1) return classes.length === 2 ? classes[first >= HALF ? 1 : 0]! : null;
    if (outputs!.length !== classes.length) return null;
    return this.given.network.names.at(-1)?.[Array.from(outputs!).indexOf(Math.max(...Array.from(outputs!)))] ?? null;
  }

  /** What the numbers are called, for the comments of a program; null where nobody named them. */
  get inCode(): { inputs: string[]; outputs: string[]; classes: string[] } | null {
    const { network } = this.given;
    const [inputs, outputs] = [network.names[0] ?? [], network.names.at(-1) ?? []];
    if ([...inputs, ...outputs].every((name) => UNNAMED.test(name)) && inputs.every((_, i) => this.unit(i) === "")) return null;
    return { inputs: inputs.map((_, i) => this.measured(i)), outputs: [...outputs], classes: outputs.length === 1 ? (this.#preset?.class_names ?? []) : [] };
  }

  get #preset(): StudioData["presets"][number] | undefined {
    const { presets, network } = this.given;
    return presets.find(({ name }) => name === network.preset);
  }

  /** Which of the outputs is the strongest, where they share what is 1 in all, as classes do; null elsewhere. */
  strongest(outputs: ArrayLike<number> | undefined, activation: string): number | null {
    if (!outputs || outputs.length < 2 || this.isElementwise(activation)) return null;
    const largest = Math.max(...Array.from(outputs));
    return Number.isNaN(largest) ? null : Array.from(outputs).indexOf(largest);
  }

  /** The data set that the preset on the page learnt from; null in a network of the learner's own, and where it learnt nothing. */
  get dataSet(): string | null {
    return this.#preset?.data_set ?? null;
  }

  /** Whether an activation takes one sum at a time; softmax takes those of the whole layer. */
  isElementwise(activation: string): boolean {
    return this.given.activations.find(({ name }) => name === activation)?.elementwise ?? true;
  }
}
