/** Red, green, blue from 0 to 255, and the opacity from 0 to 1. */
export type Srgb = readonly [red: number, green: number, blue: number, alpha: number];

/**
 * Colours as the page's styles make them. Mixed with itself in sRGB a colour comes out of the computed style as plain fractions;
 * painted and read back it would be whatever a browser that guards its canvases makes of it.
 */
export function coloursOf(host: HTMLElement, colours: readonly string[]): Srgb[] {
  // All at once: the page is styled anew once, not at every reading.
  const probe = document.createElement("span");
  probe.hidden = true;
  // Forced colours would make all of them one.
  probe.style.setProperty("forced-color-adjust", "none");
  for (const colour of colours) {
    const element = document.createElement("span");
    // A browser that cannot mix keeps the first of the two, which its styles write plainly.
    element.style.color = colour;
    element.style.color = `color-mix(in srgb, ${colour}, ${colour})`;
    probe.append(element);
  }
  host.append(probe);
  const found = [...probe.children].map((element) => parsed(getComputedStyle(element).color));
  probe.remove();
  return found;
}

/** What browsers write for a colour in sRGB: color(srgb 0.5 0 1 / 0.5), or rgb(128, 0, 255) and rgba(…). */
export function parsed(text: string): Srgb {
  const [r = 0, g = 0, b = 0, a = 1] = (text.match(/-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?(?![a-z])/g) ?? []).map(Number);
  const largest = text.startsWith("color(") ? 1 : 255;
  const byte = (part: number): number => Math.round(255 * Math.min(1, Math.max(0, part / largest)));
  return [byte(r), byte(g), byte(b), Math.min(1, Math.max(0, a))];
}
