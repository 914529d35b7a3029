/** One number: its digits, its decimal mark, its thousands, a fraction. The same rules as app/typed/number.py. */

import { normalised, SPACES, trimmed } from "./characters";
import { LARGEST_FLOAT32, shown, Unread, type Rule } from "./words";

// What a number shows beyond doubt of how the text that it stands in writes numbers.
const COMMA_DECIMAL = 1;
const POINT_DECIMAL = 2;
const DECIMAL: Record<string, number> = { ",": COMMA_DECIMAL, ".": POINT_DECIMAL };
const GROUPS: Record<string, number> = { ",": 4, ".": 8 };
/** The longest way to write a float64 out in digits has some 1,080. */
const MOST_CHARACTERS = 2000;

const SIGNED = new RegExp(`^([+-]?)([0-9.,'’ ${SPACES}]+)(?:[eE]([+-]?[0-9]+))?$`);
const WHOLE = /^[0-9]+$/;
const ONE_MARK = /^([0-9]*)([.,])([0-9]*)$/;
const GROUPED = new RegExp(`^([0-9]{1,3}(?:([.,'’ ${SPACES}])[0-9]{3})(?:\\2[0-9]{3})*)(?:([.,])([0-9]*))?$`);
const OF_A_DATE = /^0[0-9]/;
const DOTS = /^(?:\.{3,}|…)$/;

/** A number that was read; where `mark` is set, that mark may begin its decimals or group its thousands. */
export interface Parsed {
  decimal: number;
  grouped: number;
  mark: string;
  seen: number;
}

/** The number that a normalised, trimmed text is, also as a fraction (1/3); null for anything else. */
export function numberIn(text: string): Parsed | null {
  if (text.length > MOST_CHARACTERS) return null;
  if (!text.includes("/")) return part(text);
  const parts = text.split("/");
  // 01/02 is a day.
  if (OF_A_DATE.test(text) || parts.length !== 2) return null;
  const [above, below] = parts.map((each) => part(trimmed(each)));
  if (!above || !below || below.decimal === 0 || below.grouped === 0) return null;
  if (above.mark && below.mark && above.mark !== below.mark) return null;
  const decimal = above.decimal / below.decimal;
  const grouped = above.grouped / below.grouped;
  if (Number.isNaN(decimal) || Number.isNaN(grouped)) return null;
  return { decimal, grouped, mark: above.mark || below.mark, seen: above.seen | below.seen };
}

function part(text: string): Parsed | null {
  const found = SIGNED.exec(text);
  if (!found) return null;
  const [, sign = "", body = "", exponent] = found;
  if (WHOLE.test(body)) return certain(sign, body, "", exponent, 0);
  const one = ONE_MARK.exec(body);
  if (one) {
    const [, whole = "", mark = "", rest = ""] = one;
    if (whole === "" && rest === "") return null;
    if (exponent === undefined && rest.length === 3 && whole.length >= 1 && whole.length <= 3 && whole[0] !== "0") {
      return { decimal: Number(`${sign}${whole}.${rest}`), grouped: Number(sign + whole + rest), mark, seen: 0 };
    }
    return certain(sign, whole, rest, exponent, DECIMAL[mark]!);
  }
  const grouped = GROUPED.exec(body);
  if (!grouped || grouped[1]![0] === "0" || grouped[2] === grouped[3]) return null;
  const seen = (GROUPS[grouped[2]!] ?? 0) | (DECIMAL[grouped[3] ?? ""] ?? 0);
  return certain(sign, grouped[1]!.replaceAll(grouped[2]!, ""), grouped[4] ?? "", exponent, seen);
}

function certain(sign: string, whole: string, rest: string, exponent: string | undefined, seen: number): Parsed {
  const value = Number(`${sign}${whole || 0}.${rest || 0}e${exponent ?? 0}`);
  return { decimal: value, grouped: value, mark: "", seen };
}

/** The number's value beside others that have shown `seen`; null where it can be read in two ways. */
export function valueOf({ decimal, grouped, mark }: Parsed, seen: number, rule: Rule): number | null {
  if (!mark) return decimal;
  const isDecimal = (seen & DECIMAL[mark]!) !== 0;
  const groups = (seen & (GROUPS[mark]! | DECIMAL[mark === "," ? "." : ","]!)) !== 0;
  if (isDecimal || groups) return isDecimal && groups ? null : isDecimal ? decimal : grouped;
  if (mark === rule.mark) return decimal;
  return rule.groups ? grouped : null;
}

/** How to write each of the two numbers that a text may mean, so that it means that one alone. */
export const twoWays = (text: string, mark: string, rule: Rule): Record<string, string> => ({
  text: shown(text),
  decimal: `${text.replaceAll(mark, rule.mark)}0`,
  grouped: text.replaceAll(mark, ""),
});

/** The code of what a text is that is no number. */
export function notANumber(text: string): string {
  if (text === "") return "missing";
  if (DOTS.test(text)) return "left-out";
  return text.endsWith("%") && numberIn(trimmed(text.slice(0, -1))) ? "percent" : "not-a-number";
}

/** The number of a field, or why it is none: missing, not-a-number, percent, left-out, two-ways, too-large. */
export function readNumber(typed: string, rule: Rule): number | Unread {
  const text = trimmed(normalised(typed));
  const number = numberIn(text);
  if (!number) return new Unread(notANumber(text), { text: shown(text) });
  const value = valueOf(number, number.seen, rule);
  if (value === null) return new Unread("two-ways", twoWays(text, number.mark, rule));
  return Math.abs(value) > LARGEST_FLOAT32 ? new Unread("too-large", { text: shown(text) }) : value;
}

const UNFINISHED = /^[+-]?(?:[0-9.,'’ ]*[.,'’ ])?$|^[+-]?[0-9.,]+[eE][+-]?$|^[+-]?[0-9.,]+ ?\/ ?[+-]?$/;

/** Whether a text is the beginning of a number that is being typed: it ends with a sign, a mark, an exponent's e. */
export const isUnfinished = (typed: string): boolean => UNFINISHED.test(trimmed(normalised(typed)));
