/** Names that have little room: cut, or on two lines. How wide a text is drawn is guessed from its characters. */

/** Widths of characters as parts of the type size, in the widest of the page's serif fonts: narrow ones, wide ones, capitals, all others. */
const NARROW = 0.42;
const WIDE = 0.95;
const CAPITAL = 0.78;
const OTHER = 0.63;

const widthOf = (character: string): number =>
  /[fijlrtI.,:;'|!()[\] ]/.test(character) ? NARROW : /[mwMW@%…—]/.test(character) ? WIDE : /\p{Lu}/u.test(character) ? CAPITAL : OTHER;

const USUAL = 16;
const SMALL = 13;

/** The first characters of a text and "…" where it has more than `most`. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, Math.max(1, most - 1)).join("").trimEnd()}…`;
}

/** What tells these names apart: "class 0" and "class 1" without the words that all begin with, "…0" and "…1"; as they are where nothing is left of one. */
export function toldApart(names: readonly string[]): readonly string[] {
  const sorted = [...names].sort();
  const [first = "", last = ""] = [sorted[0], sorted.at(-1)];
  let shared = 0;
  while (shared < first.length && first[shared] === last[shared]) shared++;
  // Whole words, or a word before its number: "versicolor" and "virginica" keep their v.
  const { length = 0 } = /^.*(?:[ _./-]|\D(?=\d))/.exec(first.slice(0, shared + (/\d/.test(first[shared] ?? "") ? 1 : 0)))?.[0] ?? {};
  return names.length > 1 && length > 0 && length < first.length ? names.map((name) => `…${name.slice(length)}`) : names;
}

/** How wide a text is drawn at a type size, in pixels. */
export const textWidth = (size: number, text: string): number => [...text].reduce((sum, character) => sum + widthOf(character) * size, 0);

/** How many characters a text's beginning has in `room` pixels of a type size; at least two. */
export function fitting(room: number, size: number, text: string): number {
  let width = 0;
  let count = 0;
  for (const character of text) {
    width += widthOf(character) * size;
    if (width > room) break;
    count++;
  }
  return Math.max(2, count);
}

/** A text in `room` pixels, cut where it has to be. */
export function cutTo(room: number, size: number, text: string): string {
  return fitting(room, size, text) >= [...text].length ? text : shortened(text, 1 + fitting(room - size * WIDE, size, text));
}

export interface NameLines {
  lines: string[];
  /** Type size in pixels. */
  size: number;
}

/** Where a name goes on in a second line: at a space or after what joins its words, unless that leaves the first line almost empty. */
function placeToBreak(characters: readonly string[], most: number): number {
  const space = characters.slice(0, most + 1).lastIndexOf(" ");
  const joint = characters.slice(0, most).findLastIndex((character) => "_-/.".includes(character)) + 1;
  const place = Math.max(space, joint);
  return place >= most / 3 ? place : most;
}

const fits = (room: number, name: string): boolean => [...name].length <= fitting(room, USUAL, name);

/**
 * A name in `room` pixels: as it is, or smaller, or on two lines of which the second may be cut. `single`: there is no second one.
 * It is smaller too where one of the `others`, which stand around it, has to be.
 */
export function nameLines(name: string, room: number, single = false, others: readonly string[] = []): NameLines {
  const characters = [...name];
  if (fits(room, name) && others.every((other) => fits(room, other))) return { lines: [name], size: USUAL };
  const most = fitting(room, SMALL, name);
  if (characters.length <= most) return { lines: [name], size: SMALL };
  if (single) return { lines: [cutTo(room, SMALL, name)], size: SMALL };
  const cut = placeToBreak(characters, most);
  const rest = characters.slice(cut).join("").trimStart();
  return { lines: [characters.slice(0, cut).join(""), cutTo(room, SMALL, rest)], size: SMALL };
}

/** So many characters of names have room in a formula's line beside all else; of more each is shortened. */
const [MOST_IN_LINE, MOST_OF_ONE] = [26, 13];

/** What tells two of one name apart stays, "max_poo… 4", and of a module's path its end: "…norm2". */
function shortenedBefore(name: string): string {
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (last !== name && [...name].length > MOST_OF_ONE) return `…${shortened(last, MOST_OF_ONE - 1)}`;
  const [number = ""] = / \d+$/.exec(name) ?? [];
  return shortened(name.slice(0, name.length - number.length), MOST_OF_ONE - number.length) + number;
}

/** Names that share a line. */
export function sharingLine(names: readonly string[]): string[] {
  const full = names.reduce((sum, name) => sum + [...name].length, 0) > MOST_IN_LINE;
  return names.map((name) => (full ? shortenedBefore(name) : name));
}
