import type { Arrival } from "../studio/arrival";
import type { Outline } from "../world/types";
import type { OpenedFile } from "./openedElsewhere";

/** What the page begins with, where that is not its own preset. */
export interface Arrived {
  arrival: Arrival | null;
  /** What there is to say where the address, or what this browser kept, was not opened; null where it was. */
  problem: string | null;
  /** The address names a network that the page for networks of any kind draws. */
  world?: Outline;
  /** The file that it came from, where another page opened it. */
  file?: OpenedFile | null;
}
