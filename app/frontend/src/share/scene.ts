import { checkedState } from "../model/checked";
import { stateIsDrawable } from "../model/drawable";
import { sizesOf } from "../model/sizes";
import type { StudioState } from "../model/types";
import { exists, firstSelection, type Part } from "../studio/selection";

/** What a link, the browser's storage and a change of language bring back: the network, what is selected, what is pinned. */
export interface Scene {
  state: StudioState;
  selection: Part | null;
  pinned: StudioState | null;
}

/** A network alone, with what is selected at first. */
export const sceneOf = (state: StudioState): Scene => ({ state, selection: firstSelection(sizesOf(state)), pinned: null });

/** The scene that anything at all holds, or null where its network is none. A selection that is not there is let go. */
export function checkedScene(value: unknown): Scene | null {
  const { state, selection, pinned } = (value ?? {}) as Record<keyof Scene, unknown>;
  const network = checkedState(state);
  if (!network) return null;
  const scene = sceneOf(network);
  if (selection === null) scene.selection = null;
  if (isPart(selection) && exists(selection, sizesOf(network))) scene.selection = selection;
  const beside = checkedState(pinned);
  return { ...scene, pinned: beside && stateIsDrawable(beside) ? beside : null };
}

const isIndex = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isPart(value: unknown): value is Part {
  const { kind, layer, neuron, from, to } = (value ?? {}) as Record<string, unknown>;
  if (kind === "edge") return isIndex(layer) && layer !== 0 && isIndex(from) && isIndex(to);
  return kind === "neuron" && isIndex(layer) && isIndex(neuron);
}

/** A selection as an address has it: 1.0 is a neuron, 1.2.0 the edge from neuron 2 before; an empty text is nothing. */
export function writtenPart(part: Part | null): string {
  if (part === null) return "";
  if (part.kind === "edge") return [part.layer, part.from, part.to].join(".");
  return [part.layer, part.neuron].join(".");
}

/** What `writtenPart` wrote; undefined for anything else. */
export function readPart(text: unknown): Part | null | undefined {
  if (text === "") return null;
  if (typeof text !== "string") return undefined;
  const [layer, first, second] = text.split(".").map(Number);
  const part = second === undefined ? { kind: "neuron", layer, neuron: first } : { kind: "edge", layer, from: first, to: second };
  return isPart(part) ? part : undefined;
}
