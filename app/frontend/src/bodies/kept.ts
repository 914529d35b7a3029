import { alike } from "../studio/steady";

/** Gives back what it gave last while a new one holds the same. */
export function kept<T>(): (next: T) => T {
  let held: T | undefined;
  return (next) => (held !== undefined && alike(held, next) ? held : (held = next));
}
