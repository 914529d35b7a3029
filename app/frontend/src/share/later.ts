import type { Batch } from "../matrices/batch.svelte";
import { Part } from "../parts/part";
import { reasonOf } from "../studio/reach";
import type { Studio } from "../studio/studio.svelte";
import type { Opened } from "./opened.svelte";
import type { Format } from "./saving";

/** Opening and saving files, which the page learns when it is first asked to. */

const OPENING = new Part(() => import("./open"));
const SAVING = new Part(() => import("./saving"));

export async function openFile(studio: Studio, batch: Batch, opened: Opened, file: File): Promise<void> {
  const opening = await brought(studio, OPENING);
  await opening?.openFile(studio, batch, opened, file);
}

export async function saveAs(studio: Studio, format: Format): Promise<void> {
  const saving = await brought(studio, SAVING);
  try {
    await saving?.save(studio, format);
  } catch (error) {
    studio.problem = studio.t("studio.export-failed", { reason: reasonOf(error, studio.t) });
  }
}

/** The part; null where the server does not give it, which is said. */
async function brought<T>(studio: Studio, part: Part<T>): Promise<T | null> {
  try {
    return await part.load();
  } catch {
    studio.problem = studio.t("studio.part-missing");
    return null;
  }
}
