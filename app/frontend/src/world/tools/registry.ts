import { Part } from "../../parts/part";
import type { Tool } from "../../tools/registry";

/** The tools below the diagram, in the order of their tabs. */
export const WORLD_TOOLS: readonly Tool[] = [
  { name: "responses", title: "world.tool-responses", part: new Part(() => import("../responses/Responses.svelte")) },
  { name: "batch", title: "world.tool-batch", part: new Part(() => import("../batch/BatchPanel.svelte")) },
  { name: "table", title: "studio.tool-table", part: new Part(() => import("./WorldTable.svelte")) },
  { name: "code", title: "studio.tool-code", part: new Part(() => import("./WorldCode.svelte")) },
  { name: "history", title: "studio.tool-history", part: new Part(() => import("./WorldHistory.svelte")) },
];
