import type { Translate } from "../text/messages";

/** What a layer is called, by its place: 0 is the inputs, `count` the last layer. */
export function layerTitle(t: Translate, layer: number, count: number): string {
  if (layer === 0) return t("studio.layer-inputs");
  if (layer === count) return t("studio.layer-output");
  return count > 2 ? t("studio.layer-hidden-numbered", { number: layer }) : t("studio.layer-hidden");
}
