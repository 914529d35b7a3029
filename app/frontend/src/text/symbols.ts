/** Names as they are printed: "x1" is x₁, "w" with places 1 and 2 is w₁₂. */

const SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";

export interface Symbol {
  base: string;
  subscript: string;
}

/** Splits a name like "x1" or "h2.3" into its letter and its index; any other name has no index. */
export function symbolOf(name: string): Symbol {
  const match = /^(\p{L})(\d+(?:[.,]\d+)?)$/u.exec(name);
  return match ? { base: match[1]!, subscript: match[2]!.replace(".", ",") } : { base: name, subscript: "" };
}

/** A name in plain text, its index lowered: x₁. */
export function lowered(name: string): string {
  const { base, subscript } = symbolOf(name);
  return base + subscript.replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)]!);
}

/** The weight from neuron `from` to neuron `to` (both counted from 0): w12, or w10,2 where digits would run together. */
export function weightSymbol(from: number, to: number): Symbol {
  const separator = from >= 9 || to >= 9 ? "," : "";
  return { base: "w", subscript: `${from + 1}${separator}${to + 1}` };
}

export function biasSymbol(to: number): Symbol {
  return { base: "b", subscript: String(to + 1) };
}

export function plain(symbol: Symbol): string {
  return symbol.base + symbol.subscript;
}

export function printed(symbol: Symbol): string {
  return symbol.base + symbol.subscript.replace(/\d/g, (digit) => SUBSCRIPTS[Number(digit)]!);
}

const FUNCTION_SYMBOLS: Record<string, string> = { sigmoid: "σ", relu: "ReLU", gelu: "GELU", silu: "SiLU", elu: "ELU", selu: "SELU" };

/** How an activation is written before its argument; empty for the identity. */
export function functionSymbol(activation: string): string {
  return activation === "identity" ? "" : (FUNCTION_SYMBOLS[activation] ?? activation);
}
