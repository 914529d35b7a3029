/** How wide a character of the usual letters is at most, bold too, as a part of the type size. */
export const CHARACTER = 0.68;

/** The type size in pixels at which a text's longest word has one line of this width; no smaller than `least`. Words end where a name's parts do. */
export function lettersFor(text: string, width: number, least: number): number {
  const longest = text.split(/[ _.]/).reduce((most, word) => Math.max(most, [...word].length), 1);
  return Math.max(least, width / (CHARACTER * longest));
}
