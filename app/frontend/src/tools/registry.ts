import type { Component } from "svelte";

import { Part } from "../parts/part";

/** The tools below the diagram, in the order of their tabs. */
export interface Tool {
  name: string;
  /** The catalog key of the tab's text. */
  title: string;
  part: Part<{ default: Component }>;
}

export const TOOLS: readonly Tool[] = [
  { name: "matrices", title: "studio.tool-matrices", part: new Part(() => import("../matrices/Matrices.svelte")) },
  { name: "table", title: "studio.tool-table", part: new Part(() => import("./Table.svelte")) },
  { name: "code", title: "studio.tool-code", part: new Part(() => import("./Code.svelte")) },
  { name: "history", title: "studio.tool-history", part: new Part(() => import("./History.svelte")) },
];
