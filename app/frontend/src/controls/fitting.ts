/** Lines of an odd height, and rounding, are no overflow. */
const SLACK = 3;

/** Writes the first of these texts that has room, and the last where none has; what is left out is told on hover. */
export const fitting =
  (texts: readonly string[]) =>
  (element: HTMLElement): (() => void) => {
    const fits = (): boolean => element.scrollHeight <= element.clientHeight + SLACK && element.scrollWidth <= element.clientWidth + 1;

    function fit(): void {
      let shown = "";
      for (shown of texts) {
        element.textContent = shown;
        if (fits()) break;
      }
      element.title = shown === texts[0] ? "" : texts[0]!.replaceAll("\u200b", "");
    }

    element.textContent = texts[0]!;
    // Its own size is what the text makes of it. An observer is told of the first size too, before anything is painted: all that are
    // fitted then lay the page out once for the room that they have in the end.
    const resized = new ResizeObserver(fit);
    resized.observe(element.parentElement!);
    return () => resized.disconnect();
  };
