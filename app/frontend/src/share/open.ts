import type { Studio } from "../studio/studio.svelte";
import { readNetwork } from "./files";
import { reasonOf } from "../studio/reach";

/** Opens a file in the studio as one step that can be undone; says what is wrong where it cannot. */
export async function openFile(studio: Studio, file: File): Promise<void> {
  try {
    const state = await readNetwork(file, studio.language);
    studio.replace(state, { key: "studio.did-open-file", values: { name: file.name } });
  } catch (error) {
    const reason = error instanceof SyntaxError ? studio.t("studio.not-json") : reasonOf(error, studio.t);
    studio.problem = studio.t("studio.open-failed", { name: file.name, reason });
  }
}
