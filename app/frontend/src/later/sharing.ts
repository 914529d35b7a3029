/** What the panels of sharing and saving show once they are opened. */
export { default as ShareFields } from "../share/ShareFields.svelte";
export { default as Ways } from "../share/Ways.svelte";
