/** What the page around a network brings when it is asked to. */
export { default as BeginLine } from "../begin/BeginLine.svelte";
export { default as Matrices } from "../matrices/Matrices.svelte";
export { default as DrawChoices } from "../page/DrawChoices.svelte";
export { openFiles } from "../share/open";
export { save } from "../share/saving";
export { default as StudioNotes } from "../share/StudioNotes.svelte";
export { default as ShortcutSheet } from "../shortcuts/ShortcutSheet.svelte";
export { default as ViewChoices } from "../show/ViewChoices.svelte";
export { default as Code } from "../tools/Code.svelte";
export { default as History } from "../tools/History.svelte";
export { default as Table } from "../tools/Table.svelte";
export { default as Tour } from "../tour/Tour.svelte";
