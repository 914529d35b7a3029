import type { Message } from "../model/types";

/** What a layer is called, by its place: 0 is the inputs, `count` the last layer. */
export function layerTitle(layer: number, count: number): Message {
  if (layer === 0) return { key: "studio.layer-inputs", values: {} };
  if (layer === count) return { key: "studio.layer-output", values: {} };
  if (count > 2) return { key: "studio.layer-hidden-numbered", values: { number: String(layer) } };
  return { key: "studio.layer-hidden", values: {} };
}
