import { formatNumber } from "../model/numbers";

const LONG = 4;
const LARGEST_PLAIN = 1e6;

/** A cell's number as the page's language writes it: as many digits as it has, four at most. nan is torch's word. */
export function cellText(value: number | boolean, dtype: string, language: string): string {
  if (typeof value === "boolean") return value ? "True" : "False"; // Python's words in every language
  if (Number.isNaN(value)) return "nan";
  if (/^u?int/.test(dtype) && Number.isSafeInteger(value)) return String(value).replace("-", "\u2212");
  return formatNumber(value, { digits: digitsOf(value), language, sign: "none", largestFixed: LARGEST_PLAIN });
}

function digitsOf(value: number): number {
  const text = String(value);
  if (text.includes("e") || Math.abs(value) >= LARGEST_PLAIN) return LONG;
  return Math.min(LONG, (text.split(".")[1] ?? "").length);
}
