/** Numbers as the page prints them; what people type is read in reading/. */

const LARGEST_FIXED = 1e5;
const FIGURE_SPACE = "\u2007";
const MINUS = "\u2212";
const SIGNS = { space: FIGURE_SPACE, plus: "+", none: "" };

export interface NumberStyle {
  /** Digits after the decimal mark. */
  digits: number;
  language: string;
  /** What stands before a number that is not negative: a space as wide as a minus (the default), a plus, or nothing. */
  sign?: "space" | "plus" | "none";
  /** Places kept for the integer part; shorter numbers get figure spaces in front. 1 unless told. */
  integerDigits?: number;
  /** From here up the form is scientific; 100,000 unless told. */
  largestFixed?: number;
}

/**
 * Prints a number at a steady width: fixed digits, a true minus or a place for it, the language's decimal mark.
 *
 * From 100,000 up, and where fixed digits would show nothing but zeros, the form is scientific (1.23e6, −1.20e11, 8.00e−10), always
 * with as many digits as the same width holds beside a power of one digit: so digits come and go with no value. A tiny negative
 * is −1.20e−5, never −0.0000 and never a zero that it is not. Zero has no sign. Infinity is ∞ or −∞; what is not a number is a dash.
 */
export function formatNumber(value: number, style: NumberStyle): string {
  const { digits, language, sign = "space", integerDigits = 1, largestFixed = LARGEST_FIXED } = style;
  if (Number.isNaN(value)) return "—";
  const front = value < 0 ? MINUS : SIGNS[value === 0 && sign === "plus" ? "space" : sign];
  if (!Number.isFinite(value)) return front + "∞";
  const size = Math.abs(value);
  const fixed = size.toFixed(digits);
  const hidden = size !== 0 && Number(fixed) === 0;
  const text = hidden || Number(fixed) >= largestFixed ? scientific(size, digits) : fixed;
  const pad = sign === "none" ? "" : FIGURE_SPACE.repeat(Math.max(0, integerDigits - 1 + fixedWidth(digits) - text.length));
  return pad + front + text.replace(".", decimalMark(language));
}

const marks = new Map<string, string>();

/** What a language writes between the whole and the rest of a number. */
export function decimalMark(language: string): string {
  let mark = marks.get(language);
  if (mark === undefined) marks.set(language, (mark = markOfPage(language) ?? markOf(language)));
  return mark;
}

/** Of the page's own language the server says it: to find it out takes a browser as long as drawing a small network. */
function markOfPage(language: string): string | undefined {
  const page = globalThis.document?.documentElement;
  return page?.lang === language ? page.dataset["mark"] : undefined;
}

const markOf = (language: string): string => new Intl.NumberFormat(language).formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";

/** What stands between numbers in a formula: no comma where that is in the numbers. */
export const separatorOf = (language: string): string => (decimalMark(language) === "," ? ";" : ",");

/** The characters of a number below ten with these digits, without its sign. */
function fixedWidth(digits: number): number {
  return digits === 0 ? 1 : digits + 2;
}

/** The scientific form: 1.23e6 takes as much room as 0.0000, and every other power has the digits of that. */
const scientific = (size: number, digits: number): string =>
  size
    .toExponential(Math.max(0, digits - 2))
    .replace("e+", "e")
    .replace("e-", `e${MINUS}`);

/** A whole number, its digits in threes where there are more than four: 4096, 2 097 152. */
export const grouped = (count: number): string =>
  count < 10_000 ? String(count) : String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
