/** What a reader says: why it cannot read a text, and what it left out or decided. The same as app/typed/words.py. */

export type Values = Readonly<Record<string, string | number>>;

/** A text that cannot be read; `code` names the sentence that says why, `values` fill its places. */
export class Unread extends Error {
  /** What the text was taken apart at when this was found. */
  separator: string | undefined;

  constructor(
    readonly code: string,
    readonly values: Values = {},
  ) {
    super(code);
  }
}

/** Something that was left out, or chosen between two readings, and is told. */
export interface Note {
  code: string;
  values: Values;
}

/**
 * How marks are read where nothing in the text decides. `mark`: the language's decimal mark. The other mark, in "1,234" where
 * this is a point, is asked about; `groups` says that it was, and that it groups thousands.
 */
export interface Rule {
  mark: string;
  groups?: boolean;
}

export const LARGEST_FLOAT32 = 3.4028234663852886e38;
const MOST_SHOWN = 20;
const MOST_LISTED = 8;

/** The beginning of a text, for a sentence. */
export function shown(text: string): string {
  if (text.length <= MOST_SHOWN) return text;
  const characters = [...text.slice(0, 2 * MOST_SHOWN + 2)];
  return characters.length <= MOST_SHOWN ? text : `${characters.slice(0, MOST_SHOWN).join("")}…`;
}

/** Names one after another, the first few of many. */
export function listed(names: readonly string[]): string {
  return names.slice(0, MOST_LISTED).map(shown).join(", ") + (names.length > MOST_LISTED ? ", …" : "");
}
