import type { Network } from "../studio/network.svelte";
import type { Translate } from "../text/messages";
import { download, fileOf } from "./files";
import { stemOf } from "./names";
import { pictureOf, pixelsOf } from "./picture";
import { fetchFile, keepNetwork, SAFETENSORS } from "./stored";

export interface Saving {
  language: string;
  t: Translate;
  network: Network;
}

/** What the network can be saved as. */
export type Format = "svg" | "png" | "json" | "safetensors" | "onnx" | "pytorch" | "numpy";

/** What stands behind the name of a download; a program and its weights come together. */
const ENDINGS: Record<Format, string> = {
  svg: ".svg",
  png: ".png",
  json: ".json",
  safetensors: ".safetensors",
  onnx: ".onnx",
  pytorch: "-pytorch.zip",
  numpy: "-numpy.zip",
};

const MAKE: Record<Format, (given: Saving) => Promise<Blob> | Blob> = {
  svg: (given) => new Blob([picture(given)], { type: "image/svg+xml" }),
  png: (given) => pixelsOf(picture(given), given.t),
  json: (given) => new Blob([`${JSON.stringify(fileOf(given.network.state), null, 2)}\n`], { type: "application/json" }),
  safetensors: (given) => made(given, SAFETENSORS),
  onnx: (given) => made(given, "application/onnx"),
  pytorch: (given) => made(given, "application/zip", { name: stemOf(given.network) }),
  numpy: (given) => made(given, "application/zip", { language: "numpy", name: stemOf(given.network) }),
};

/** The network as the server writes it down. */
async function made({ network, language }: Saving, type: string, query: Record<string, string> = {}): Promise<Blob> {
  return await fetchFile(await keepNetwork(network.state, language), language, type, query);
}

/** Hands the network to the browser's downloads. */
export async function save(given: Saving, format: Format): Promise<void> {
  download(stemOf(given.network) + ENDINGS[format], await MAKE[format](given));
}

function picture(given: Saving): string {
  const stage = document.querySelector<HTMLElement>("[data-stage]");
  if (!stage) throw new Error("[data-stage]");
  return pictureOf(stage, `Adelante · ${given.network.sizes.join("-")}`);
}
