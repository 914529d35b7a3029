import { at } from "../root";

/** auto follows the system; the choice is a cookie, so that the server's first paint already wears it. */
export type Theme = "auto" | "light" | "dark";

const YEAR_SECONDS = 31_536_000;

export function currentTheme(document: Document): Theme {
  const theme = document.documentElement.dataset["theme"];
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export const chooseTheme = (document: Document, theme: Theme): void => wear(document, "theme", theme === "auto" ? "" : theme);

/** Whether all text is larger, for a projector. By how much the window's width decides, in base.css. */
export const isLarge = (document: Document): boolean => document.documentElement.dataset["text"] === "large";

export const chooseLarge = (document: Document, large: boolean): void => wear(document, "text", large ? "large" : "");

/** Has the page look as chosen, and keeps the choice; empty is the usual. */
function wear(document: Document, name: string, value: string): void {
  document.documentElement.dataset[name] = value;
  try {
    document.cookie = `adelante_${name}=${value}; path=${at("/")}; max-age=${value ? YEAR_SECONDS : 0}; samesite=lax`;
  } catch {
    // A frame without an origin may keep no cookie: the choice lasts as long as the page.
  }
}

export function nextTheme(theme: Theme): Theme {
  return theme === "auto" ? "light" : theme === "light" ? "dark" : "auto";
}
