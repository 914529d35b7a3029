export type Messages = Readonly<Record<string, string>>;
export type Translate = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** A function that finds a key's text and fills its {places}. A key that is not there shows itself. */
export function translator(messages: Messages): Translate {
  return (key, values = {}) =>
    (messages[key] ?? key).replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
