import type { Component } from "svelte";

import { OF_PAGE } from "../later/parts";
import type { Coming } from "../parts/part";

/** The tools below the diagram, in the order of their tabs. */
export interface Tool {
  name: string;
  /** The catalog key of the tab's text. */
  title: string;
  part: Coming<Component>;
}

export const TOOLS: readonly Tool[] = [
  { name: "matrices", title: "studio.tool-matrices", part: OF_PAGE.only("Matrices") },
  { name: "table", title: "studio.tool-table", part: OF_PAGE.only("Table") },
  { name: "code", title: "studio.tool-code", part: OF_PAGE.only("Code") },
  { name: "history", title: "studio.tool-history", part: OF_PAGE.only("History") },
];
