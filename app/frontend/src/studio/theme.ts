import { at } from "../root";

/** auto follows the system; the choice is a cookie, so that the server's first paint already wears it. */
export type Theme = "auto" | "light" | "dark";

const YEAR_SECONDS = 31_536_000;

export function currentTheme(document: Document): Theme {
  const theme = document.documentElement.dataset["theme"];
  return theme === "light" || theme === "dark" ? theme : "auto";
}

export function chooseTheme(document: Document, theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  const age = theme === "auto" ? 0 : YEAR_SECONDS;
  try {
    document.cookie = `adelante_theme=${theme}; path=${at("/")}; max-age=${age}; samesite=lax`;
  } catch {
    // A frame without an origin may keep no cookie: the choice lasts as long as the page.
  }
}

export function nextTheme(theme: Theme): Theme {
  return theme === "auto" ? "light" : theme === "light" ? "dark" : "auto";
}
