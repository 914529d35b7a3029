import { chooseTheme, currentTheme, nextTheme, type Theme } from "../studio/theme";
import type { Translate } from "../text/messages";

const SIGNS: Record<Theme, string> = { auto: "◐", light: "○", dark: "●" };

/** The theme button of the header: a page that needs no script comes without it. */
export function liveTheme(document: Document, t: Translate): void {
  const button = document.querySelector<HTMLButtonElement>("button.theme");
  if (!button) return;
  const words: Record<Theme, string> = {
    auto: t("studio.theme-auto"),
    light: t("studio.theme-light"),
    dark: t("studio.theme-dark"),
  };
  const show = () => {
    const theme = currentTheme(document);
    button.textContent = SIGNS[theme];
    button.setAttribute("aria-label", t("studio.theme", { theme: words[theme] }));
    button.title = words[theme];
  };
  button.addEventListener("click", () => {
    chooseTheme(document, nextTheme(currentTheme(document)));
    show();
  });
  button.hidden = false;
  show();
}
