/** Characters that mean the same, made one: so that what follows knows only ASCII and the spaces inside numbers. */

/** They may stand between the thousands of a number: no-break space, figure space, thin space, narrow no-break space. */
export const SPACES = "\\u00a0\\u2007\\u2009\\u202f";
const SPACE = new RegExp(`[${SPACES}]`);
const BEFORE_NO_DIGIT = new RegExp(`[${SPACES}]+(?![0-9])`, "g");
const AFTER_NO_DIGIT = new RegExp(`(^|[^0-9])[${SPACES}]+`, "gm");
const OTHER = /[^\0-~]/;

/** The text with one kind of minus, of line end and of blank; only between two digits a special space is kept. */
export function normalised(text: string): string {
  let plain = OTHER.test(text) ? ascii(text) : text;
  plain = plain.replace(/\r\n?/g, "\n").replace(/[\v\f]/g, " ");
  return SPACE.test(plain) ? plain.replace(BEFORE_NO_DIGIT, " ").replace(AFTER_NO_DIGIT, "$1 ") : plain;
}

function ascii(text: string): string {
  return (
    text
      .replace(/[\uff01-\uff5e]/g, (mark) => String.fromCharCode(mark.charCodeAt(0) - 0xfee0))
      .replace(/[\u2212\u2013\u2010\u2011\ufe63]/g, "-")
      .replace(/[\x85\u2000-\u2006\u2008\u200a\u205f\u3000]/g, " ")
      .replace(/[\u2028\u2029]/g, "\n")
      // A byte order mark, and marks of direction and of width nothing that come along when something is copied.
      .replace(/[\ufeff\u200b\u200e\u200f\u2060\u202a-\u202e\u2066-\u2069]/g, "")
  );
}

/** Without the blanks around it. */
export function trimmed(text: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && isBlank(text[begin])) begin++;
  while (end > begin && isBlank(text[end - 1])) end--;
  return begin === 0 && end === text.length ? text : text.slice(begin, end);
}

export const isBlank = (mark: string | undefined): boolean => mark === " " || mark === "\t";
