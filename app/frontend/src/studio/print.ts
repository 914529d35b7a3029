import { formatNumber } from "../model/numbers";
import type { Message } from "../model/types";
import type { Studio } from "./studio.svelte";

type Unknowable = number | undefined | null;

/** The page's numbers and messages as it prints them: in its language, with the digits that the learner chose. */
export class Print {
  constructor(private readonly studio: Pick<Studio, "language" | "t" | "presets" | "digits">) {}

  /** A message in words, and its values. */
  message({ key, values }: Message): string {
    const texts = Object.entries(values).map(([name, value]) => [name, this.#word(value)]);
    return this.studio.t(key, Object.fromEntries(texts) as Record<string, string>);
  }

  #word(value: Message["values"][string]): string {
    if (typeof value === "string") return value;
    if (typeof value === "number") return this.inline(value);
    if ("preset" in value) return this.studio.presets.find(({ name }) => name === value.preset)?.title ?? value.preset;
    return this.message(value);
  }

  /** A number; a place holder of the same width where it is not known. */
  number(value: Unknowable, digits = this.studio.digits): string {
    if (value === undefined || value === null || Number.isNaN(value)) return "·".repeat(digits + 3);
    return formatNumber(value, { digits, language: this.studio.language });
  }

  /** A number to be centred: its digits stand in the middle, with or without a minus. */
  centred(value: Unknowable, digits = this.studio.digits): string {
    return `${this.number(value, digits)}\u2007`;
  }

  /** A number within a line of text or a spoken name, without the room for a minus before it. */
  inline(value: Unknowable, digits = this.studio.digits): string {
    return this.number(value, digits).replace(/^\u2007+/, "");
  }

  /** A second factor: it wears brackets where it is negative. */
  factor(value: number): string {
    return value < 0 ? `(${this.inline(value)})` : this.inline(value);
  }

  /** A difference, with its sign; an equals sign where there is none. */
  change(value: number, digits = this.studio.digits): string {
    return value === 0 ? "=" : formatNumber(value, { digits, language: this.studio.language, sign: "plus" });
  }
}
