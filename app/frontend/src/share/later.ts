import type { Batch } from "../matrices/batch.svelte";
import { Part } from "../parts/part";
import type { Notices } from "../studio/notices.svelte";
import { reasonOf } from "../studio/reach";
import type { Translate } from "../text/messages";
import type { Opening } from "./open";
import type { Opened } from "./opened.svelte";
import type { Format, Saving } from "./saving";

interface Told {
  t: Translate;
  notices: Notices;
}

/** Opening and saving files, which the page learns when it is first asked to. */

const OPENING = new Part(() => import("./open"));
const SAVING = new Part(() => import("./saving"));

export async function openFiles(given: Opening, batch: Batch, opened: Opened, files: readonly File[]): Promise<void> {
  const opening = await brought(given, OPENING);
  await opening?.openFiles(given, batch, opened, files);
}

export async function saveAs(given: Saving & Told, format: Format): Promise<void> {
  const saving = await brought(given, SAVING);
  try {
    await saving?.save(given, format);
  } catch (error) {
    given.notices.problem = given.t("studio.export-failed", { reason: reasonOf(error, given.t) });
  }
}

/** The part; null where the server does not give it, which is said. */
async function brought<T>({ t, notices }: Told, part: Part<T>): Promise<T | null> {
  try {
    return await part.load();
  } catch {
    notices.problem = t("studio.part-missing");
    return null;
  }
}
