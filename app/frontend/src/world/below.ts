import { OpenTool } from "../tools/open.svelte";
import type { WorldBatch } from "./batch/batch.svelte";

/** What is open below the diagram, and the rows that were pasted there: they stay where a change of its layers makes another network of the one on the page. */
export class Below {
  readonly tools = new OpenTool();
  batch: WorldBatch | null = null;
}
