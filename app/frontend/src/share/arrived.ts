import type { Arrival } from "../studio/arrival";
import type { Kept } from "./stored";

/** What the page begins with, where that is not its own preset. */
export interface Arrived {
  arrival: Arrival | null;
  /** What there is to say where the address, or what this browser kept, was not opened; null where it was. */
  problem: string | null;
  /** The address names a network that is too large to be drawn. */
  summary?: Kept;
}
