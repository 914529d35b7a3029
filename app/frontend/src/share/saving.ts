import type { Studio } from "../studio/studio.svelte";
import { download, fileOf } from "./files";
import { pictureOf, pixelsOf } from "./picture";
import { fetchFile, keepNetwork } from "./stored";

/** What the network can be saved as. */
export type Format = "svg" | "png" | "json" | "safetensors";

const MAKE: Record<Format, (studio: Studio) => Promise<Blob> | Blob> = {
  svg: (studio) => new Blob([picture(studio)], { type: "image/svg+xml" }),
  png: (studio) => pixelsOf(picture(studio), studio.t),
  json: (studio) => new Blob([`${JSON.stringify(fileOf(studio.state), null, 2)}\n`], { type: "application/json" }),
  safetensors: async ({ state, language }) => await fetchFile(await keepNetwork(state, language), language),
};

/** Hands the network to the browser's downloads. */
export async function save(studio: Studio, format: Format): Promise<void> {
  download(`adelante.${format}`, await MAKE[format](studio));
}

function picture(studio: Studio): string {
  const stage = document.querySelector<HTMLElement>("[data-stage]");
  if (!stage) throw new Error("[data-stage]");
  return pictureOf(stage, `Adelante · ${studio.sizes.join("-")}`);
}
