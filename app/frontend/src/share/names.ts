import { openingLabel, type Network } from "../studio/network.svelte";

/** What downloads are called: as the file that was opened, else as the preset, else as the page. */
const USUAL = "adelante";
const OPENED_FILE = "studio.did-open-file";
/** The server takes no longer ones. */
const LONGEST = 64;

export type Named = Pick<Network, "opening" | "state">;

/** Without an ending, and in letters that every system has. */
export function stemOf({ opening, state }: Named): string {
  const { key, values } = openingLabel(opening.label);
  const name = key === OPENED_FILE ? values["name"] : state.preset;
  return plain(typeof name === "string" ? name.replace(/^.*[\\/]/, "").replace(/\.[^.]*$/, "") : "") || USUAL;
}

/** A name in letters that every system and the server take; empty where nothing of it is left. */
export function plain(name: string): string {
  const ascii = name.normalize("NFD").replace(/\p{Mn}/gu, "");
  return ascii
    .replace(/[^A-Za-z0-9_]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, LONGEST)
    .replace(/-+$/, "");
}
