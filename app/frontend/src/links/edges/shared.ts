/** The page's one painter, loaded when edges first need it. */
import type { Painter } from "./painter";

let loading: Promise<Painter> | null = null;

export function sharedPainter(): Promise<Painter> {
  loading ??= import("./painter").then(({ Painter }) => {
    const painter = new Painter();
    const anew = (): void => painter.recolour();
    for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) matchMedia(query).addEventListener("change", anew);
    new MutationObserver(anew).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    return painter;
  });
  return loading;
}
