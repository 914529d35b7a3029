/** What covers the window's foot on a phone: the sheet, and the playback bar over it. */
const AT_FOOT = [".inspector .handle", "[data-playback]"];
const ABOVE = 8;

interface Span {
  top: number;
  bottom: number;
}

/** The height in the window below which something fixed covers the page. */
export function coveredFrom(asked: Element | null): number {
  const tops = AT_FOOT.flatMap((selector) => {
    const part = document.querySelector(selector);
    if (!part || part === asked) return [];
    const fixed = part.closest(".panel") ?? part;
    return ["fixed", "sticky"].includes(getComputedStyle(fixed).position) ? [part.getBoundingClientRect()] : [];
  });
  return Math.min(innerHeight, ...tops.filter(({ height }) => height > 0).map(({ top }) => top));
}

/** Scrolls the page, where it is longer than the window, as little as brings this into sight: from its top, if it is too long. */
export function bringIntoSight({ top, bottom }: Span, asked: Element | null = null): void {
  const below = bottom - coveredFrom(asked);
  const by = top < ABOVE ? top - ABOVE : below > 0 ? Math.min(top - ABOVE, below + ABOVE) : 0;
  if (by === 0) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollBy({ top: by, behavior: calm ? "auto" : "smooth" });
}

/** The same for several elements together; nothing where there is none. */
export function bringAllIntoSight(elements: Iterable<Element>): void {
  const boxes = [...elements].map((element) => element.getBoundingClientRect());
  if (boxes.length === 0) return;
  bringIntoSight({ top: Math.min(...boxes.map(({ top }) => top)), bottom: Math.max(...boxes.map(({ bottom }) => bottom)) });
}
