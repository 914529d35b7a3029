import { Opened } from "../share/opened.svelte";
import { OpenTool } from "../tools/open.svelte";
import type { WorldBatch } from "./batch/batch.svelte";

/**
 * What stands around the diagram and stays where a change of its layers makes another network of the one on the page: what is open
 * below it, the rows that were pasted there, and the file that is on its way.
 */
export class Around {
  readonly tools = new OpenTool();
  readonly opened = new Opened();
  batch: WorldBatch | null = null;
}
