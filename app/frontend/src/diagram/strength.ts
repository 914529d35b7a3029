/**
 * How far a fill is from the zero value's, in 64 steps, each a class: what wears the same classes shares its computed style,
 * where a style of its own for each of hundreds of neurons is computed anew at every pass.
 */
import { intensity } from "./scale";

const STEPS = 64;

export const strengthClass = (value: number): string => `strength-${Math.round(Math.abs(intensity(value)) * STEPS)}`;

/** The classes' rules: each says --strength, 0 to 1. */
export function provideStrengths(page: Document): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(Array.from({ length: STEPS + 1 }, (_, step) => `.strength-${step}{--strength:${step / STEPS}}`).join(""));
  page.adoptedStyleSheets.push(sheet);
}
