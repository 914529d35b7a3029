import "../styles/print.css";

/**
 * Gives the page the layout of a sheet of paper for as long as it is printed (styles/print.css).
 *
 * @param turned Called after the layout has changed, with whether the page is now for paper.
 * @returns Ends it.
 */
export function layOnPaper(turned: (onPaper: boolean) => void = () => {}): () => void {
  const ends = new AbortController();
  let printing = false;
  let was = false;
  const turn = (onPaper: boolean): void => {
    if (onPaper === was) return;
    was = onPaper;
    document.documentElement.classList.toggle("on-paper", onPaper);
    turned(onPaper);
    fitStory(onPaper);
  };
  const print = (on: boolean) => () => turn((printing = on));
  window.addEventListener("beforeprint", print(true), { signal: ends.signal });
  window.addEventListener("afterprint", print(false), { signal: ends.signal });
  // Some browsers only change their media. Chromium does both, in no fixed order: what its media say while it prints is stale.
  window.matchMedia("print").addEventListener("change", ({ matches }) => turn(matches || printing), { signal: ends.signal });
  return () => ends.abort();
}

/** Makes what is said of the selected number as small as it must be to stand on the sheet whole. */
function fitStory(onPaper: boolean): void {
  const panel = document.querySelector<HTMLElement>(".inspector .panel");
  const room = panel?.closest(".inspector")?.clientHeight;
  panel?.style.setProperty("zoom", onPaper && room ? String(Math.min(1, room / panel.scrollHeight)) : "");
}
