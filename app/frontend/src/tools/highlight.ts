/**
 * Parts of a program by what they are, for colours. Their texts together are the source, to the letter. Numbers keep the
 * ink of what stands around them: in a program of numbers they are the ground, not the figure.
 */

export type Kind = "comment" | "text" | "word" | "name";

export interface Part {
  text: string;
  kind: Kind | null;
}

const WORDS = "import|from|as|def|return|for|in|with|print|lambda|class|curl|None|True|False|true|false|null";
const PYTHON = new RegExp(
  String.raw`(?<comment>#[^\n]*)|(?<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<word>\b(?:${WORDS})\b)|(?<name>\b(?:torch|np|numpy)\b)`,
  "g",
);
/** JSON and shell: no comments, and a quoted text may run over several lines. */
const OTHER = new RegExp(
  String.raw`(?<text>"(?:[^"\\\n]|\\.)*")|(?<word>\b(?:curl|true|false|null)\b|(?<=\s)--?[a-zA-Z][\w-]*)`,
  "g",
);

export function highlighted(source: string, language: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of source.matchAll(language === "pytorch" || language === "numpy" ? PYTHON : OTHER)) {
    const kind = Object.entries(match.groups ?? {}).find(([, text]) => text !== undefined)?.[0] as Kind | undefined;
    if (!kind) continue;
    if (match.index > end) parts.push({ text: source.slice(end, match.index), kind: null });
    parts.push({ text: match[0], kind });
    end = match.index + match[0].length;
  }
  if (end < source.length) parts.push({ text: source.slice(end), kind: null });
  return parts;
}
