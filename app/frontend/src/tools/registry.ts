import type { Component } from "svelte";

import Matrices from "../matrices/Matrices.svelte";
import History from "./History.svelte";

/** The tools below the diagram, in the order of their tabs. */
export interface Tool {
  name: string;
  /** The catalog key of the tab's text. */
  title: string;
  component: Component;
}

export const TOOLS: readonly Tool[] = [
  { name: "matrices", title: "studio.tool-matrices", component: Matrices },
  { name: "history", title: "studio.tool-history", component: History },
];
