import type { Part } from "../studio/selection";

/** What is typed in the diagram: an input's value, a weight or a bias, and the first character where a key began it. */
export interface Editing {
  part: Part;
  start: string;
}

const FIRST_CHARACTER = /^[\d.,+\-−]$/;

/** The text that a key begins a number with: its character, or "" for F2; null for any other key. */
export function startOf(event: { key: string; ctrlKey: boolean; metaKey: boolean; altKey: boolean }): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.key === "F2") return "";
  return FIRST_CHARACTER.test(event.key) ? event.key : null;
}

/** What is typed for a part that has the focus: a neuron after the inputs stands for its bias. */
export function editable(part: Part): Part {
  return part.kind === "neuron" && part.layer > 0 ? { kind: "bias", layer: part.layer, neuron: part.neuron } : part;
}
