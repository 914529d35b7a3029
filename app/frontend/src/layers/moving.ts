import type { LayerOutline, Outline } from "../world/types";
import type { Spot } from "./spot";

export type Direction = "earlier" | "later";

/** What the API takes. */
export type Move = { move: number } & Spot;

/** A move of a layer by one place along its branch; where there is none, the key of the words that say why. */
export function moveOf(outline: Outline, layer: LayerOutline, direction: Direction): Move | string {
  return direction === "earlier" ? earlier(outline, layer) : later(outline, layer);
}

/** Before the layer that it takes from: that one takes what it gives. */
function earlier(outline: Outline, layer: LayerOutline): Move | string {
  const before = giverOf(outline, layer.takes[0]);
  const taken = before?.takes[0];
  if (!before || taken === undefined) return "world.moves-no-earlier";
  return { move: layer.index, ...spotAt(outline, taken), into: [before.index] };
}

/** After the layer that takes what it gives. */
function later(outline: Outline, layer: LayerOutline): Move | string {
  const takers = takersOf(outline, layer);
  if (takers.length === 0) return "world.moves-no-later";
  return takers.length > 1 ? "world.moves-past-a-fork" : { move: layer.index, after: takers[0]!.index };
}

/** The layers that take what is given at a place. */
export function takersAt(outline: Outline, { after, input }: Spot): LayerOutline[] {
  const given = outline.layers[after]?.activations.name ?? input ?? outline.inputs[0]!.name;
  return outline.layers.filter(({ takes }) => takes.includes(given));
}

const giverOf = ({ layers }: Outline, tensor: string | undefined): LayerOutline | undefined =>
  layers.find(({ activations, preActivations }) => activations.name === tensor || preActivations?.name === tensor);

const takersOf = ({ layers }: Outline, { activations, preActivations }: LayerOutline): LayerOutline[] =>
  layers.filter(({ takes }) => takes.includes(activations.name) || (preActivations !== null && takes.includes(preActivations.name)));

/** The place right behind a tensor. */
export function spotAt(outline: Outline, tensor: string): Spot {
  const after = giverOf(outline, tensor)?.index ?? -1;
  return after < 0 && outline.inputs.length > 1 ? { after, input: tensor } : { after };
}
