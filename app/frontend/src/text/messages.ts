export type Messages = Readonly<Record<string, string>>;
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** A function that finds a key's text and fills its {places}; a text is cut at them once. A key that is not there shows itself. */
export function translator(messages: Messages): Translate {
  const cut = new Map<string, string[]>();
  return (key, values = {}) => {
    let pieces = cut.get(key);
    if (!pieces) cut.set(key, (pieces = (messages[key] ?? key).split(/\{(\w+)\}/)));
    let text = pieces[0]!;
    for (let k = 1; k < pieces.length; k += 2) text += String(values[pieces[k]!] ?? `{${pieces[k]}}`) + pieces[k + 1];
    return text;
  };
}
