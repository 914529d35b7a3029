import type { Network } from "../studio/network.svelte";
import type { Translate } from "../text/messages";
import { download, fileOf } from "./files";
import { pictureOf, pixelsOf } from "./picture";
import { fetchFile, keepNetwork } from "./stored";

export interface Saving {
  language: string;
  t: Translate;
  network: Network;
}

/** What the network can be saved as. */
export type Format = "svg" | "png" | "json" | "safetensors";

const MAKE: Record<Format, (given: Saving) => Promise<Blob> | Blob> = {
  svg: (given) => new Blob([picture(given)], { type: "image/svg+xml" }),
  png: (given) => pixelsOf(picture(given), given.t),
  json: (given) => new Blob([`${JSON.stringify(fileOf(given.network.state), null, 2)}\n`], { type: "application/json" }),
  safetensors: async ({ network, language }) => await fetchFile(await keepNetwork(network.state, language), language),
};

/** Hands the network to the browser's downloads. */
export async function save(given: Saving, format: Format): Promise<void> {
  download(`adelante.${format}`, await MAKE[format](given));
}

function picture(given: Saving): string {
  const stage = document.querySelector<HTMLElement>("[data-stage]");
  if (!stage) throw new Error("[data-stage]");
  return pictureOf(stage, `Adelante · ${given.network.sizes.join("-")}`);
}
