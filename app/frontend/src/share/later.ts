import { OF_PAGE } from "../later/parts";
import type { Batch } from "../matrices/batch.svelte";
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

const WAIT_MS = 300;

/** Opening and saving files, which the page learns when it is first asked to. */
export async function openFiles(given: Opening, batch: Batch, opened: Opened, files: readonly File[]): Promise<void> {
  const { notices } = given;
  const says = setTimeout(() => notices.say("studio.opening", { name: files[0]!.name }), WAIT_MS);
  const page = await brought(given);
  clearTimeout(says);
  notices.notice = null;
  await page?.openFiles(given, batch, opened, files);
}

export async function saveAs(given: Saving & Told, format: Format): Promise<void> {
  const page = await brought(given);
  try {
    await page?.save(given, format);
  } catch (error) {
    given.notices.problem = given.t("studio.export-failed", { reason: reasonOf(error, given.t) });
  }
}

/** What knows how; null where the server does not give it, which is said. */
async function brought({ t, notices }: Told): Promise<typeof OF_PAGE.loaded | null> {
  try {
    return await OF_PAGE.load();
  } catch {
    notices.problem = t("studio.part-missing");
    return null;
  }
}
