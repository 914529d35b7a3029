import { causeOfNaN } from "../model/notANumber";
import type { Translate } from "../text/messages";
import { functionSymbol, lowered, printed } from "../text/symbols";
import type { Network } from "./network.svelte";
import type { Print } from "./print";
import type { Values } from "./values.svelte";
import type { Words } from "./words";

export interface Given {
  t: Translate;
  network: Network;
  values: Values;
  words: Words;
  print: Print;
}

/** Why one term of a neuron's sum is not a number, in words. */
export function reasonOfTerm(given: Given, layer: number, from: number): string {
  const source = layer === 1 ? given.network.inputs[from] : given.values.activations[layer - 1]?.[from];
  if (!Number.isNaN(source)) return given.t("studio.nan-operation", { operation: "0 · ∞" });
  return given.t("studio.nan-source", { name: lowered(given.network.names[layer - 1]?.[from] ?? "") });
}

/** Why a neuron's sum or activation is not a number, in words. */
export function reasonOfNaN(given: Given, layer: number, neuron: number): string {
  const { t } = given;
  const { weights = [], activation = "identity" } = given.network.layer(layer) ?? {};
  const values = layer === 1 ? given.network.inputs : (given.values.activations[layer - 1] ?? []);
  const sums = given.values.preActivations[layer] ?? [];
  const cause = causeOfNaN({ values, weights: weights.map((row) => row[neuron] ?? 0), sums, neuron, elementwise: given.words.isElementwise(activation) });
  if (cause.kind === "value") return t("studio.nan-source", { name: lowered(given.network.names[layer - 1]?.[cause.from] ?? "") });
  if (cause.kind === "sum") return t("studio.nan-source", { name: printed(given.words.symbols(layer).sum(cause.neuron)) });
  if (cause.kind === "product") return t("studio.nan-operation", { operation: "0 · ∞" });
  if (cause.kind === "difference") return t("studio.nan-operation", { operation: "∞ − ∞" });
  return t("studio.nan-operation", { operation: `${functionSymbol(activation)}(${given.print.inline(sums[neuron])})` });
}
