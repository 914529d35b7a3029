/** Names that have little room: cut, or on two lines. How wide a text is drawn is guessed from its characters. */

/** Width of a character as a part of the type size: of the widest of the page's serif fonts. */
const CHARACTER = 0.53;
const USUAL = 16;
const SMALL = 13;

/** The first characters of a text and "…" where it has more than `most`. */
export function shortened(text: string, most: number): string {
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, Math.max(1, most - 1)).join("").trimEnd()}…`;
}

/** How many characters of a type size have room. */
export const fitting = (room: number, size: number): number => Math.max(2, Math.floor(room / (size * CHARACTER)));

export interface NameLines {
  lines: string[];
  /** Type size in pixels. */
  size: number;
}

/** A name in `room` pixels: as it is, or smaller, or on two lines of which the second may be cut. `single`: there is no second one. */
export function nameLines(name: string, room: number, single = false): NameLines {
  const characters = [...name];
  const most = fitting(room, SMALL);
  if (characters.length <= fitting(room, USUAL)) return { lines: [name], size: USUAL };
  if (characters.length <= most) return { lines: [name], size: SMALL };
  if (single) return { lines: [shortened(name, most)], size: SMALL };
  const space = characters.slice(0, most + 1).lastIndexOf(" ");
  const cut = space > 0 ? space : most;
  const rest = characters.slice(cut).join("").trimStart();
  return { lines: [characters.slice(0, cut).join(""), shortened(rest, most)], size: SMALL };
}
