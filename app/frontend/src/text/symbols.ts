/** Names as they are printed: "x1" is x₁, "w" with places 1 and 2 is w₁₂, or w₁₂⁽²⁾ where the network has several layers. */

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

export interface Symbol {
  base: string;
  subscript: string;
  /** The number of its layer, raised in brackets; left out where there is only one layer. */
  layer?: string;
}

/** A name of the network's own, and not of the learner's: x₁, h₂ and no "edad". */
export const isShort = ({ base }: Symbol): boolean => [...base].length <= 4;

/** Splits a name like "x1" or "h2.3" into its letter and its index; any other name has no index. */
export function symbolOf(name: string): Symbol {
  const match = /^(\p{L})(\d+(?:[.,]\d+)?)$/u.exec(name);
  return match ? { base: match[1]!, subscript: match[2]!.replace(".", ",") } : { base: name, subscript: "" };
}

/** A name in plain text, its index lowered: x₁. */
export function lowered(name: string): string {
  const { base, subscript } = symbolOf(name);
  return base + inDigits(subscript, SUBSCRIPTS);
}

/** What parts a name from the value after it: nothing, but where it ends in a digit, and both would read as one number, as of a class "0". */
export const apart = (name: string): string => (/\d$/.test(symbolOf(name).base) ? ":" : "");

/** A name and its value as an equation; a number equals no other one. */
export const equated = (name: string, value: string): string => `${name}${apart(name) || " ="} ${value}`;

/**
 * Weights, biases and sums of one layer, by their places from 0. `mark` tells the layer, "" where there is only one: the first neuron of
 * every layer has a w₁₁, a b₁ and a z₁.
 */
export class LayerSymbols {
  constructor(readonly mark: string) {}

  /** From neuron `from` to neuron `to`: w12, or w10,2 where digits would run together. */
  weight(from: number, to: number): Symbol {
    const separator = from >= 9 || to >= 9 ? "," : "";
    return this.#marked("w", `${from + 1}${separator}${to + 1}`);
  }

  bias(to: number): Symbol {
    return this.#marked("b", String(to + 1));
  }

  sum(neuron: number): Symbol {
    return this.#marked("z", String(neuron + 1));
  }

  /** A whole matrix or row of the layer: W, b, z or a. */
  matrix(base: string): Symbol {
    return this.#marked(base, "");
  }

  #marked(base: string, subscript: string): Symbol {
    return this.mark === "" ? { base, subscript } : { base, subscript, layer: this.mark };
  }
}

/** Without its layer and with plain digits: w12. */
export function plain(symbol: Symbol): string {
  return symbol.base + symbol.subscript;
}

/** In plain text: w₁₂⁽²⁾. */
export function printed({ base, subscript, layer }: Symbol): string {
  return base + inDigits(subscript, SUBSCRIPTS) + (layer ? `⁽${inDigits(layer, SUPERSCRIPTS)}⁾` : "");
}

const inDigits = (text: string, digits: string): string => text.replace(/\d/g, (digit) => digits[Number(digit)]!);

const FUNCTION_SYMBOLS: Record<string, string> = { sigmoid: "σ", relu: "ReLU", gelu: "GELU", silu: "SiLU", elu: "ELU", selu: "SELU" };

/** How an activation is written before its argument; empty for the identity. */
export function functionSymbol(activation: string): string {
  return activation === "identity" ? "" : (FUNCTION_SYMBOLS[activation] ?? activation);
}
