/** Numbers as people type them and as the page prints them. */

const DECIMAL = /^[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[+-]?\d+)?$/i;
const LARGEST_FIXED = 1e6;
const FIGURE_SPACE = "\u2007";
const MINUS = "\u2212";

/**
 * Reads `0.5`, `0,5`, `.5`, `1/3`, `-2e-3` and the true minus sign. One mark is a decimal mark, in every language;
 * two of them (`1,000.5`) could be read in two ways and are refused. Anything else, or a value that is not finite: null.
 */
export function parseNumber(text: string): number | null {
  const parts = text.replaceAll(MINUS, "-").split("/");
  if (parts.length > 2) return null;
  const numbers = parts.map((part) => decimal(part.trim()));
  const [numerator, denominator = 1] = numbers;
  if (numerator === null || numerator === undefined || denominator === null) return null;
  const value = numerator / denominator;
  return Number.isFinite(value) ? value : null;
}

function decimal(text: string): number | null {
  return DECIMAL.test(text) ? Number(text.replace(",", ".")) : null;
}

export interface NumberStyle {
  /** Digits after the decimal mark. */
  digits: number;
  language: string;
}

/**
 * Prints a number at a steady width: fixed digits, a true minus, and a figure space where a minus could stand.
 * From a million up the form is scientific, with two digits fewer so that the width holds. What rounds to zero has no sign.
 */
export function formatNumber(value: number, { digits, language }: NumberStyle): string {
  if (Number.isNaN(value)) return "—";
  if (!Number.isFinite(value)) return (value < 0 ? MINUS : FIGURE_SPACE) + "∞";
  const size = Math.abs(value);
  const text = size < LARGEST_FIXED ? size.toFixed(digits) : size.toExponential(Math.max(digits - 2, 0)).replace("e+", "e");
  const negative = value < 0 && /[1-9]/.test(text);
  return (negative ? MINUS : FIGURE_SPACE) + (language === "es" ? text.replace(".", ",") : text);
}
