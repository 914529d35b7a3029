import { isOwn } from "../model/naming";
import { layerIn } from "../model/numbering";
import type { Layer, Message } from "../model/types";

/** What a layer is called: by its own name where that says something, else by its place; 0 is the inputs. */
export function layerTitle(layer: number, layers: readonly Layer[]): Message | string {
  if (layer === 0) return { key: "studio.layer-inputs", values: {} };
  const { name } = layerIn(layers, layer)!;
  if (isOwn(name)) return name;
  if (layer === layers.length) return { key: "studio.layer-output", values: {} };
  if (layers.length > 2) return { key: "studio.layer-hidden-numbered", values: { number: String(layer) } };
  return { key: "studio.layer-hidden", values: {} };
}
