import { DTYPE } from "../live/dtype";
import type { Arising } from "../live/protocol";
import type { Print } from "../studio/print";
import type { Translate } from "../text/messages";

const SIGNS: Partial<Record<Arising["cause"], string>> = { product: "·", quotient: "/", sum: "+" };
const WORDS: Partial<Record<Arising["cause"], string>> = { given: "forms.arises-given", constant: "forms.arises-constant", within: "forms.arises-within" };
const LARGEST_WHOLE = 1e7;

/** The arithmetic that gave a NaN or an infinity: 0 · ∞ = NaN. */
export function arithmeticOf({ cause, numbers, value, formula = "" }: Arising, t: Translate, print: Print): string {
  const told = numbers.map(Number);
  const texts = told.map((number) => print.inline(number, Number.isInteger(number) && Math.abs(number) < LARGEST_WHOLE ? 0 : undefined));
  if (cause === "function") return t("forms.arises-function", { formula, numbers: texts.map((text, k) => `${"xyzw"[k]} = ${text}`).join(", ") });
  const sign = SIGNS[cause];
  if (sign === undefined) return t(WORDS[cause]!);
  const [one, other] = texts as [string, string];
  const arithmetic = `${one} ${sign} ${told[1]! < 0 ? `(${other})` : other} = ${print.inline(Number(value))}`;
  const overflows = cause !== "quotient" && told.every(Number.isFinite);
  return overflows ? t("forms.arises-overflow", { arithmetic, dtype: DTYPE }) : arithmetic;
}
