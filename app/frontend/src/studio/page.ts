import { createContext } from "svelte";

import type { Gestures } from "../history/gestures";
import type { Translate } from "../text/messages";
import type { Notices } from "./notices.svelte";
import type { Print } from "./print";

/** What any control needs of the page that it stands on, whichever networks that draws. */
export interface Page {
  readonly language: string;
  /** All that there are, each with its own name. */
  readonly languages: readonly { code: string; name: string }[];
  /** Where the course is in this language. */
  readonly courseAddress: string;
  readonly t: Translate;
  readonly print: Print;
  readonly notices: Notices;
  readonly gestures: Gestures;
  readonly steps: {
    /** A move of the hand: what it changes is shown with the server's answer, where that comes at once. */
    move(change: () => void): void;
    /** The same for a pointer, which may move more often than frames are painted. */
    follow(change: () => void): void;
  };
}

export const [getPage, setPage] = createContext<Page>();
