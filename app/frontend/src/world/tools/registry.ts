import { Part } from "../../parts/part";
import type { Tool } from "../../tools/registry";

/** The tools below the diagram, in the order of their tabs. */
export const WORLD_TOOLS: readonly Tool[] = [
  { name: "responses", title: "world.tool-responses", part: new Part(() => import("../responses/Responses.svelte")).only("default") },
  { name: "batch", title: "world.tool-batch", part: new Part(() => import("../batch/BatchPanel.svelte")).only("default") },
  { name: "table", title: "studio.tool-table", part: new Part(() => import("./WorldTable.svelte")).only("default") },
  { name: "code", title: "studio.tool-code", part: new Part(() => import("./WorldCode.svelte")).only("default") },
  { name: "history", title: "studio.tool-history", part: new Part(() => import("./WorldHistory.svelte")).only("default") },
];
