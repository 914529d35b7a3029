import type { Batch } from "../matrices/batch.svelte";
import { reasonOf } from "../studio/reach";
import type { Studio } from "../studio/studio.svelte";
import { readNetwork } from "./files";
import { HEAD_BYTES, kindOf } from "./kinds";
import type { Opened } from "./opened.svelte";

/**
 * Opens a file in the studio: a network as one step that can be undone; a table, a printed array or a list of numbers is offered
 * as a batch of inputs. Says what is wrong where it cannot.
 */
export async function openFile(studio: Studio, batch: Batch, opened: Opened, file: File): Promise<void> {
  try {
    const kind = kindOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
    if (kind === "utf-16") throw new Error(studio.t("studio.utf-16"));
    if (kind === "text" && file.size > 0) {
      batch.offer(file.name, await file.text());
      return;
    }
    opened.sending = file.name;
    const found = await readNetwork(file, kind, studio.language);
    if ("kept" in found) {
      opened.summary = { ...found.kept, name: file.name };
      return;
    }
    studio.replace(found.state, { key: "studio.did-open-file", values: { name: file.name } });
    opened.notes = found.notes;
  } catch (error) {
    studio.problem = studio.t("studio.open-failed", { name: file.name, reason: reasonOf(error, studio.t) });
  } finally {
    opened.sending = null;
  }
}
