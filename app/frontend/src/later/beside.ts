/** What stands beside a network of any kind; the network is painted before. */
export { default as CellInspector } from "../forms/CellInspector.svelte";
export { default as InputPanel } from "../world/InputPanel.svelte";
