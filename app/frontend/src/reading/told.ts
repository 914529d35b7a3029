import type { Message } from "../model/types";
import type { Note, Unread } from "./words";

/** A reader's words as the page's: counts are printed as they are, not as values. */
const message = (key: string, values: Note["values"]): Message => ({
  key,
  values: Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)])),
});

export const refusal = ({ code, values }: Unread): Message => message(`unread.${code}`, values);

export const told = ({ code, values }: Note): Message => message(`reading.${code}`, values);
