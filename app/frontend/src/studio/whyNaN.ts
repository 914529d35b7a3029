import { causeOfNaN } from "../model/notANumber";
import { functionSymbol, lowered, printed } from "../text/symbols";
import type { Studio } from "./studio.svelte";

/** Why a value of a neuron, its sum or its activation, is not a number, in words; undefined where it is one, or is not known yet. */
export const reasonFor = (studio: Studio, value: number | undefined, layer: number, neuron: number): string | undefined =>
  value !== undefined && Number.isNaN(value) ? reasonOfNaN(studio, layer, neuron) : undefined;

/** The same for one term of its sum. */
export function reasonForTerm(studio: Studio, term: number | undefined, layer: number, from: number): string | undefined {
  if (term === undefined || !Number.isNaN(term)) return undefined;
  const source = layer === 1 ? studio.state.inputs[from] : studio.activations[layer - 1]?.[from];
  if (!Number.isNaN(source)) return studio.t("studio.nan-operation", { operation: "0 · ∞" });
  return studio.t("studio.nan-source", { name: lowered(studio.names[layer - 1]?.[from] ?? "") });
}

function reasonOfNaN(studio: Studio, layer: number, neuron: number): string {
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
