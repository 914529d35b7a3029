import type { Component } from "svelte";

import Matrices from "../matrices/Matrices.svelte";
import Code from "./Code.svelte";
import History from "./History.svelte";
import Table from "./Table.svelte";

/** The tools below the diagram, in the order of their tabs. */
export interface Tool {
  name: string;
  /** The catalog key of the tab's text. */
  title: string;
  component: Component;
}

export const TOOLS: readonly Tool[] = [
  { name: "matrices", title: "studio.tool-matrices", component: Matrices },
  { name: "table", title: "studio.tool-table", component: Table },
  { name: "code", title: "studio.tool-code", component: Code },
  { name: "history", title: "studio.tool-history", component: History },
];
