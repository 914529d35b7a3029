import type { StudioState } from "../model/types";
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
  network: { readonly sizes: readonly number[]; readonly state: StudioState };
}

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
    return this.given.print.message(layerTitle(layer, this.given.network.sizes.length - 1));
  }

  /** What an input is measured in, as the preset says; "" for a bare number, and in a network of the learner's own. */
  unit(input: number): string {
    const { presets, network } = this.given;
    return presets.find(({ name }) => name === network.state.preset)?.input_units[input] ?? "";
  }

  /** Which of the outputs is the strongest, where they share what is 1 in all, as classes do; null elsewhere. */
  strongest(outputs: ArrayLike<number> | undefined, activation: string): number | null {
    if (!outputs || outputs.length < 2 || this.isElementwise(activation)) return null;
    const largest = Math.max(...Array.from(outputs));
    return Number.isNaN(largest) ? null : Array.from(outputs).indexOf(largest);
  }

  /** The data set that the preset on the page learnt from; null in a network of the learner's own, and where it learnt nothing. */
  get dataSet(): string | null {
    const { presets, network } = this.given;
    return presets.find(({ name }) => name === network.state.preset)?.data_set ?? null;
  }

  /** Whether an activation takes one sum at a time; softmax takes those of the whole layer. */
  isElementwise(activation: string): boolean {
    return this.given.activations.find(({ name }) => name === activation)?.elementwise ?? true;
  }
}
