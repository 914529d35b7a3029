/** Fragments of the page for networks of any kind, which follow `?network=ID`. */

/** What a packed scene of that page begins with. */
export const WORLD_VERSION = "w1.";
/** The fragment of a scene that is too large for an address: this browser has it. */
export const HERE = "here";

export const isOfWorld = (fragment: string): boolean => fragment === HERE || fragment.startsWith(WORLD_VERSION);
