export type Messages = Readonly<Record<string, string>>;
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** A place, and perhaps a word for one and one for any other count: {count} {count:row|rows}. */
const PLACE = /\{(\w+)(?::([^|{}]*)\|([^|{}]*))?\}/;

/** A function that finds a key's text and fills its {places}; a text is cut at them once. A key that is not there shows itself. */
export function translator(messages: Messages): Translate {
  const cut = new Map<string, string[]>();
  return (key, values = {}) => {
    let pieces = cut.get(key);
    if (!pieces) cut.set(key, (pieces = (messages[key] ?? key).split(PLACE)));
    let text = pieces[0]!;
    for (let k = 1; k < pieces.length; k += 4) {
      const [name, one, other, rest] = pieces.slice(k, k + 4);
      const value = String(values[name!] ?? `{${name}}`);
      text += (one === undefined ? value : value === "1" ? one : other) + rest!;
    }
    return text;
  };
}
