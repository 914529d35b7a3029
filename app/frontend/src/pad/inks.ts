/**
 * The inks of a pad whose picture has the channels red, green and blue: how much of each, and what it is called. Black is the ground, and
 * takes away what it is laid over.
 */
export const INKS = {
  white: { parts: [1, 1, 1], name: "pad.ink-white" },
  red: { parts: [0.9, 0.15, 0.1], name: "pad.ink-red" },
  yellow: { parts: [1, 0.85, 0.1], name: "pad.ink-yellow" },
  green: { parts: [0.15, 0.65, 0.25], name: "pad.ink-green" },
  blue: { parts: [0.15, 0.35, 0.9], name: "pad.ink-blue" },
  black: { parts: [0, 0, 0], name: "pad.ink-black" },
} as const satisfies Record<string, { readonly parts: readonly [red: number, green: number, blue: number]; readonly name: string }>;

export type Ink = keyof typeof INKS;
export const ALL = Object.keys(INKS) as Ink[];

export const cssOf = (ink: Ink): string => `rgb(${INKS[ink].parts.map((part) => Math.round(255 * part)).join(" ")})`;
