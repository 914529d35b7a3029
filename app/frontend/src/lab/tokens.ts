/** A learner's program cut into words, one line of brackets and all at a time. */

export interface Token {
  kind: "name" | "number" | "sign" | "end";
  text: string;
  /** Where it stands: the line, counted from 1, and the place in the whole text. */
  line: number;
  at: number;
}

const WORD = /(?<space>[ \t\r]+|#[^\n]*|\\\r?\n)|(?<end>\n|;)|(?<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>[+*]=|[-+*/@=()[\],.:<>!%]|[^])/uy;

/** The words of a text. A line ends where the text's does, unless a bracket is open. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let [line, depth] = [1, 0];
  WORD.lastIndex = 0;
  for (let match = WORD.exec(text); match; match = WORD.exec(text)) {
    const { space, end, number, name } = match.groups!;
    const word = match[0];
    if (!space && !(end && depth > 0)) {
      const kind = end ? "end" : number ? "number" : name ? "name" : "sign";
      found.push({ kind, text: word, line, at: match.index });
    }
    if ("([".includes(word)) depth += 1;
    if (")]".includes(word)) depth = Math.max(0, depth - 1);
    if (word.endsWith("\n")) line += 1;
  }
  found.push({ kind: "end", text: "", line, at: text.length });
  return found;
}
