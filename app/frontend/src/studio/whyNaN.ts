import { causeOfNaN } from "../model/notANumber";
import { functionSymbol, lowered, printed } from "../text/symbols";
import type { Studio } from "./studio.svelte";

/** Why a neuron's activation is not a number, in words. */
export function reasonOfNaN(studio: Studio, layer: number, neuron: number): string {
  const { t } = studio;
  const { weights = [], activation = "identity" } = studio.layers[layer - 1] ?? {};
  const values = layer === 1 ? studio.state.inputs : (studio.activations[layer - 1] ?? []);
  const sums = studio.preActivations[layer] ?? [];
  const cause = causeOfNaN({ values, weights: weights.map((row) => row[neuron] ?? 0), sums, neuron, elementwise: studio.isElementwise(activation) });
  if (cause.kind === "value") return t("studio.nan-source", { name: lowered(studio.names[layer - 1]?.[cause.from] ?? "") });
  if (cause.kind === "sum") return t("studio.nan-source", { name: printed(studio.symbols(layer).sum(cause.neuron)) });
  if (cause.kind === "product") return t("studio.nan-operation", { operation: "0 · ∞" });
  if (cause.kind === "difference") return t("studio.nan-operation", { operation: "∞ − ∞" });
  return t("studio.nan-operation", { operation: `${functionSymbol(activation)}(${studio.print.inline(sums[neuron])})` });
}
