import { followed } from "../share/asking";
import { keepDocument, keepFile, type Choices } from "../share/keptFiles";
import { stateOfFile } from "../share/files";
import { HEAD_BYTES, kindOf } from "../share/kinds";
import { leaveOpened } from "../share/openedElsewhere";
import { leave } from "../share/handover";
import type { Opened } from "../share/opened.svelte";
import type { Given } from "../share/together";
import { download } from "../share/files";
import { begun } from "../model/history";
import type { Message } from "../model/types";
import { stateIsDrawable } from "../model/drawable";
import { sceneOf } from "../share/scene";
import { dataIn, textOf, type WantedInputs } from "../reading/files";
import { told } from "../reading/told";
import { Part } from "../parts/part";
import { plain } from "../share/names";
import { fetchFile } from "../share/stored";
import { storageOf } from "../studio/storage";
import { changesBetween, nestedOf, withParametersAlone } from "./state";
import { changed } from "./recipes";
import type { WorldScene } from "./scene";
import type { World } from "./world.svelte";
import { at } from "../root";

/** Files in and out of the page for networks of any kind, and the network as it was changed, kept by the server. */

/** Whom files of inputs are offered to. */
interface Batch {
  readonly wanted: WantedInputs;
  readonly there: readonly (readonly number[])[];
  offer(name: string, text: string, notes?: readonly Message[], rows?: readonly (readonly number[])[]): void;
}

/**
 * Numbers of any kind are offered as a batch of inputs; a network opens on the page that draws it. Throws with the server's own
 * words where it is refused, and Refused with its choices where it can be read in two ways.
 */
export async function openFile(world: World, { file, beside }: Given, batch: Batch, opened: Opened, choices: Choices): Promise<void> {
  const kind = kindOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()), file.name);
  if (kind === "utf-16") throw new Error(world.t("studio.utf-16"));
  if (kind === "text" && file.size > 0) {
    batch.offer(file.name, await file.text());
    return;
  }
  const data = await dataIn(file, kind, batch.wanted, batch.there);
  if (data) {
    batch.offer(file.name, textOf(data.rows), data.notes.map(told), data.rows);
    return;
  }
  if (kind === "json") await openDocument(world, file);
  else goTo(world, file.name, await keepFile(file, world.language, { choices, beside, ...followed(opened) }), undefined);
}

async function openDocument(world: World, file: File): Promise<void> {
  const text = (await file.text()).replace(/^\uFEFF/, "");
  const document = parsed(text);
  const own = stateOfFile(document);
  if (own && stateIsDrawable(own)) {
    const label = { key: "studio.did-open-file", values: { name: file.name } };
    leave(sceneOf(own), begun(own, label), storageOf(window, "sessionStorage"));
    location.assign(at(`/${world.language}/`));
    return;
  }
  goTo(world, file.name, await keepDocument(networkIn(document, text), world.language), (document as { inputs?: unknown } | null)?.inputs);
}

/** The document without its inputs, which are no part of a network. */
function networkIn(document: unknown, text: string): string {
  if (!document || typeof document !== "object") return text;
  const { input, layers, outputs, dtype, batch } = document as Record<string, unknown>;
  return layers === undefined ? text : JSON.stringify({ input, layers, outputs, dtype, batch });
}

function goTo({ language }: World, name: string, kept: Awaited<ReturnType<typeof keepFile>>, inputs: unknown): void {
  leaveOpened(storageOf(window, "sessionStorage"), { id: kept.id, name, notes: kept.notes, inputs });
  location.assign(at(`/${language}/?network=${kept.id}`));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The id of the network as it stands: its own, or that of what was made of it, which the server keeps from now on. */
export async function idNow(world: World, state = world.state): Promise<string> {
  const { outline, language } = world;
  const changes = changesOf(world, state);
  return changes.length === 0 ? outline.id : await changed(outline.id, changes, 0, language);
}

const IS_ID = /^[0-9a-f]{64}$/;

/** The same where the server keeps a file of it: a preset's name is no such id. */
async function keptId(world: World): Promise<string> {
  const id = await idNow(world);
  return IS_ID.test(id) ? id : await changed(id, [], 0, world.language);
}

/** The scene of the network that the server keeps for it, whose parameters are its own. */
export function withoutParameters(world: World): WorldScene {
  const { scene } = world;
  return { ...scene, tensors: Object.fromEntries(Object.entries(scene.tensors).filter(([name]) => world.isInput(name))) };
}

/** What was changed of the parameters, as the server is told it. */
export function changesOf({ outline, tensors, state: shown }: World, state = shown): object[] {
  const none = { outline, tensors: new Map() };
  const changes = changesBetween(none, withParametersAlone(state), tensors) ?? [];
  return changes.map((change) => ("cell" in change ? change : { tensor: change.tensor, values: nestedOf(change.values, tensors.get(change.tensor)!.shape) }));
}

/** Pictures of the diagram, and what the server writes a network as. */
export const FORMATS = [
  { title: "SVG", note: "world.export-svg", ending: ".svg" },
  { title: "PNG", note: "world.export-png", ending: ".png" },
  { title: "safetensors", note: "studio.export-safetensors", accept: "application/vnd.safetensors", ending: ".safetensors", query: {} },
  { title: "JSON", note: "world.export-json", accept: "application/json", ending: ".json", query: {} },
  { title: "ONNX", note: "studio.export-onnx", accept: "application/onnx", ending: ".onnx", query: {} },
  { title: "PyTorch", note: "studio.export-program", accept: "application/zip", ending: "-pytorch.zip", query: { language: "pytorch" } },
  { title: "NumPy", note: "studio.export-program", accept: "application/zip", ending: "-numpy.zip", query: { language: "numpy" } },
] as const;

export type Format = (typeof FORMATS)[number];

const PICTURE = new Part(() => import("./picture"));

async function picture(world: World, ending: string): Promise<Blob> {
  const { pictureOf, pixelsOf } = await PICTURE.load();
  const { svg, whole } = await pictureOf(world);
  const found = ending === ".png" ? await pixelsOf(svg, world.t) : new Blob([svg], { type: "image/svg+xml" });
  if (!whole) world.notices.say("world.export-in-sight");
  return found;
}

/** Hands the network as it stands, or its picture, to the browser's downloads. */
export async function save(world: World, format: Format): Promise<void> {
  const stem = plain(world.preset?.name ?? world.name.replace(/\.[a-z0-9]+$/i, "")) || "adelante";
  if (!("accept" in format)) {
    download(stem + format.ending, await picture(world, format.ending));
    return;
  }
  const { accept, ending, query } = format;
  const given = accept === "application/zip" ? { ...query, name: stem } : {};
  download(stem + ending, await fetchFile(await keptId(world), world.language, accept, given));
}
