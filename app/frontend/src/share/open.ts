import type { Batch } from "../matrices/batch.svelte";
import { dataIn, textOf, wantedBy } from "../reading/files";
import { isRecord } from "../reading/frames";
import { readRows } from "../reading/reader";
import { ruleOf } from "../reading/rule";
import { told } from "../reading/told";
import { Unread } from "../reading/words";
import type { Network } from "../studio/network.svelte";
import type { Notices } from "../studio/notices.svelte";
import { storageOf } from "../studio/storage";
import type { Steps } from "../studio/steps.svelte";
import type { Translate } from "../text/messages";
import { followed, oneAtATime, openAsked } from "./asking";
import { readNetwork } from "./files";
import type { Choices } from "./keptFiles";
import { HEAD_BYTES, kindOf, type Kind } from "./kinds";
import type { Opened } from "./opened.svelte";
import { leaveOpened } from "./openedElsewhere";
import { together, type Given } from "./together";
import { at } from "../root";

export interface Opening {
  language: string;
  t: Translate;
  network: Network;
  steps: Steps;
  notices: Notices;
}

/**
 * Opens a file in the studio: a network as one step that can be undone, or on the page that draws its kind; numbers of any kind
 * are offered as a batch of inputs. What the file leaves open is asked; says what is wrong where it cannot be opened.
 */
export async function openFiles(given: Opening, batch: Batch, opened: Opened, files: readonly File[]): Promise<void> {
  const found = together(files);
  if (found) await openAsked(given, opened, found.file, (choices) => openGiven(given, batch, opened, found, choices));
  else given.notices.problem = oneAtATime(files, given.t);
}

async function openGiven(given: Opening, batch: Batch, opened: Opened, files: Given, choices: Choices): Promise<void> {
  const { file } = files;
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const kind = kindOf(head, file.name);
  if (kind === "utf-16") throw new Error(given.t("studio.utf-16"));
  const mayBe = kind === "text" ? file.size > 0 : kind === "json" && !new TextDecoder().decode(head).includes('"layers"');
  if (mayBe && (await isTable(file, kind, given))) {
    batch.offer(file.name, await file.text());
    return;
  }
  const data = await dataIn(file, kind, wantedBy(given.network.state), batch.there);
  if (data) {
    batch.offer(file.name, textOf(data.rows), data.notes.map(told), data.rows);
    return;
  }
  await openNetwork(given, opened, files, kind === "text" ? "json" : kind, choices);
}

async function openNetwork(given: Opening, opened: Opened, { file, beside }: Given, kind: Kind, choices: Choices): Promise<void> {
  const found = await readNetwork(file, kind, given.language, { choices, beside, ...followed(opened) });
  if ("kept" in found) {
    leaveOpened(storageOf(window, "sessionStorage"), { id: found.kept.id, name: file.name, notes: found.kept.notes, inputs: found.inputs });
    location.assign(at(`/${given.language}/?network=${found.kept.id}`));
    return;
  }
  given.steps.replace(found.state, { key: "studio.did-open-file", values: { name: file.name } });
  opened.notes = found.notes;
}

/** Whether a text is for the batch. What is JSON, or is called so, has to be rows for that, or records. */
async function isTable(file: File, kind: Kind, given: Opening): Promise<boolean> {
  if (kind === "text" && !/\.json$/i.test(file.name)) return true;
  const text = await file.text();
  let found: unknown;
  try {
    found = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    // What is wrong with a network, the server says, with its place.
    if (kind === "json") return false;
    throw new Error(given.t("studio.not-json"));
  }
  if (Array.isArray(found) && isRecord(found[0])) return true;
  if (isRecord(found) && ("layers" in found || "network" in found)) return false;
  return !(readRows(text, given.network.names[0] ?? [], ruleOf(given.language)) instanceof Unread);
}
