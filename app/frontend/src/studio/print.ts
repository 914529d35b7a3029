import { formatNumber } from "../model/numbers";
import type { Message } from "../model/types";
import { shortened } from "../text/lines";
import type { Translate } from "../text/messages";

type Unknowable = number | undefined | null;

const FIGURE_SPACE = "\u2007";
const MINUS = "\u2212";
const LEADING_MINUS = /^\u2212/;
/** What a field has room for beside the digits after the mark. */
const BESIDE = 4;

/** As wide as 0.0000: a dot is half as wide as a digit, and as a point. */
const placeHolder = (digits: number): string =>
  `·${FIGURE_SPACE.repeat(Math.ceil(digits / 2))}·${FIGURE_SPACE.repeat(Math.floor(digits / 2))}·`;

/** The page's numbers and messages as it prints them: in its language, with the digits that the learner chose. */
export class Print {
  constructor(
    private readonly language: string,
    private readonly t: Translate,
    private readonly presets: readonly { name: string; title: string }[],
    private readonly view: { readonly choice: { digits: number } },
  ) {}

  /** Digits after the decimal mark, wherever a number is printed. */
  get digits(): number {
    return this.view.choice.digits;
  }

  /** A message in words, and its values. `most`: how many characters of a name in it are written. */
  message({ key, values }: Message, most = Infinity): string {
    const texts = Object.entries(values).map(([name, value]) => [name, shortened(this.#word(value), most)]);
    return this.t(key, Object.fromEntries(texts) as Record<string, string>);
  }

  #word(value: Message["values"][string]): string {
    if (typeof value === "string") return value;
    if (typeof value === "number") return this.inline(value);
    if ("preset" in value) return this.presets.find(({ name }) => name === value.preset)?.title ?? value.preset;
    return this.message(value);
  }

  /** A number; a place holder of the same width where it is not known yet, and NaN by its name. */
  number(value: Unknowable, digits = this.digits): string {
    if (value === undefined || value === null) return FIGURE_SPACE + placeHolder(digits);
    // Its letters are as wide as three and a half digits.
    if (Number.isNaN(value)) return `${FIGURE_SPACE.repeat(Math.max(0, digits - 1))}NaN`;
    return formatNumber(value, { digits, language: this.language });
  }

  /**
   * A number to be centred where there is room for 0.0000 with these digits and no more: its digits stand in the middle, with or
   * without a minus, and as many of them as have room.
   */
  centred(value: Unknowable, digits = this.digits): string {
    const text = this.within(value, digits + 2, digits);
    return `${text.startsWith(MINUS) ? "" : FIGURE_SPACE}${text}${FIGURE_SPACE}`;
  }

  /** A number in a field or cell, which is four characters wider than its digits: with room for a minus, and with the digits that have room. */
  cell(value: Unknowable): string {
    const short = this.within(value, this.digits + BESIDE);
    return short === this.inline(value) ? this.number(value) : short;
  }

  /** A number in at most so many characters beside its minus: with fewer digits where the usual ones have no room, then as a power of ten. */
  within(value: Unknowable, most: number, digits = this.digits): string {
    const fits = (text: string): boolean => text.replace(LEADING_MINUS, "").length <= most;
    const usual = this.inline(value, digits);
    if (typeof value !== "number" || !Number.isFinite(value)) return usual;
    if (fits(usual)) return this.#ofOneFigure(value, usual, digits) ?? usual;
    const falling = Array.from({ length: digits + 1 }, (_, k) => digits - k);
    const fixed = falling.map((count) => this.inline(value, count)).filter((text) => !text.includes("e"));
    const powers = falling.map((count) => formatNumber(value, { digits: count, language: this.language, sign: "none", largestFixed: 0 }));
    const forms = [...fixed, ...powers];
    return forms.find(fits) ?? forms.at(-1)!;
  }

  /** Without a power of ten where that says as much of one figure in as little room: 0.02 and not 2e−2, but 7e−3. */
  #ofOneFigure(value: number, usual: string, digits: number): string | null {
    if (digits > 1 || !usual.includes("e") || Number(value.toFixed(digits + 1)) !== Number(value.toPrecision(1))) return null;
    const fixed = this.inline(value, digits + 1);
    return fixed.length <= usual.length ? fixed : null;
  }

  /** A number within a line of text or a spoken name, without the room for a minus before it. */
  inline(value: Unknowable, digits = this.digits): string {
    return this.number(value, digits).replace(/^\u2007+/, "");
  }

  /** A number as it is spoken: screen readers may pass over a true minus, and none passes over a hyphen before digits. */
  spoken(value: Unknowable, digits = this.digits): string {
    return this.inline(value, digits).replaceAll(MINUS, "-");
  }

  /** The very number that is printed, for what reads a control's value and not its text: 0.3333 and no further digit. */
  rounded(value: number): number {
    const text = formatNumber(value, { digits: this.digits, language: "en", sign: "none" });
    return Number.isFinite(value) ? Number(text.replaceAll(MINUS, "-")) : value;
  }

  /** A second factor: it wears brackets where it is negative. */
  factor(value: number): string {
    return value < 0 ? `(${this.inline(value)})` : this.inline(value);
  }

  /** A difference, with its sign, in at most so many characters beside it; an equals sign where there is none. */
  change(value: number, digits = this.digits, most = Infinity): string {
    if (Number.isNaN(value)) return "NaN";
    return value === 0 ? "=" : (value < 0 ? MINUS : "+") + this.within(Math.abs(value), most, digits);
  }
}
