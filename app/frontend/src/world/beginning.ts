import type { History } from "../model/history";
import type { PresetOutline } from "../studio/data";
import type { WorldScene } from "./scene";
import type { WorldState } from "./state";

/** What a visit begins with, beside the network that the server keeps. */
export interface Beginning<World> {
  /** A file that was just opened. */
  opened?: { name: string; inputs?: unknown } | null;
  /** What was made of the network, here or where the address was made. */
  scene?: WorldScene | null;
  /** The preset that it is, or was made from. */
  preset?: PresetOutline | null;
  /** The page of the network that this one was made of, and all that was done there. */
  before?: World | null;
  history?: History<WorldState>;
}
