import { samePart, type Part } from "../studio/selection";

/** What a phrase names, as its data-part says: "neuron 1 0", "edge 1 0 0", "bias 1 0", "layer 1", "tensor row", "race loop". */

/** The studio's part of a phrase; null for a layer, a tensor or a race. */
export function studioPart(text: string): Part | null {
  const [kind, ...places] = text.split(" ");
  const [layer, first, second] = places.map(Number);
  if (layer === undefined || first === undefined) return null;
  if (kind === "neuron" || kind === "bias") return { kind, layer, neuron: first };
  if (kind === "edge" && second !== undefined) return { kind, layer, from: first, to: second };
  return null;
}

/** Whether a phrase names what is pointed at in the studio's picture. */
export function names(text: string, pointed: Part | null): boolean {
  if (pointed === null) return false;
  const [kind, layer] = text.split(" ");
  if (kind === "layer") return pointed.kind === "neuron" && pointed.layer === Number(layer);
  return samePart(studioPart(text), pointed);
}
