/** Lines of an odd height, and rounding, are no overflow. */
const SLACK = 3;

interface Fitted {
  readonly element: HTMLElement;
  readonly texts: readonly string[];
}

const fits = (element: HTMLElement): boolean => element.scrollHeight <= element.clientHeight + SLACK && element.scrollWidth <= element.clientWidth + 1;

/** What is written in the elements that are watched: those around each of them, since its own size is what the text makes of it. */
const within = new Map<Element, Fitted>();
// An observer is told of the first size too, before anything is painted.
let resized: ResizeObserver | null = null;

/** Tries the first text of all, then the second of those without room for it: the page is laid out once for each, however many they are. */
function fit(all: readonly Fitted[]): void {
  let without = all;
  for (let k = 0; without.length > 0; k++) {
    const tried = without.filter(({ texts }) => k < texts.length);
    for (const { element, texts } of tried) if (element.textContent !== texts[k]) element.textContent = texts[k]!;
    without = tried.filter(({ element }) => !fits(element));
  }
  for (const { element, texts } of all) element.title = element.textContent === texts[0] ? "" : texts[0]!.replaceAll("\u200b", "");
}

/** Writes the first of these texts that has room, and the last where none has; what is left out is told on hover. */
export const fitting =
  (texts: readonly string[]) =>
  (element: HTMLElement): (() => void) => {
    const around = element.parentElement!;
    element.textContent = texts[0]!;
    within.set(around, { element, texts });
    resized ??= new ResizeObserver((entries) => fit(entries.flatMap(({ target }) => within.get(target) ?? [])));
    resized.observe(around);
    return () => {
      resized!.unobserve(around);
      within.delete(around);
    };
  };
