import type { Network } from "../studio/network.svelte";
import type { Print } from "../studio/print";
import type { Values } from "../studio/values.svelte";
import type { Words } from "../studio/words";
import { shortened } from "../text/lines";
import type { Translate } from "../text/messages";
import { equated, lowered, printed } from "../text/symbols";
import type { Playback } from "./playback.svelte";

interface Given {
  t: Translate;
  network: Network;
  values: Values;
  words: Words;
  print: Print;
  playback: Playback;
}

/** What the step on screen computes, in words, with the server's numbers. `most`: how many characters of a name are written. */
export function captionOf(given: Given, most = Infinity): string {
  const { step } = given.playback;
  if (step === null) return given.t("studio.whole-pass");
  if (step.kind === "inputs") return given.t("studio.step-inputs");
  const { layer } = step;
  const activation = given.network.layer(layer)?.activation ?? "";
  if (step.kind === "layer") return given.t("studio.step-layer", { layer: given.words.layerTitle(layer), activation });
  const { neuron } = step;
  const symbols = given.words.symbols(layer);
  const name = shortened(lowered(given.network.names[layer]![neuron]!), most);
  if (step.kind === "bias") {
    return given.t("studio.step-term", { name, term: printed(symbols.bias(neuron)), value: given.print.inline(given.network.bias(layer, neuron)) });
  }
  if (step.kind === "term") {
    const term = `${shortened(lowered(given.network.names[layer - 1]![step.from]!), most)} · ${printed(symbols.weight(step.from, neuron))}`;
    const value = given.print.inline(given.values.explained(layer, neuron, "contributions")?.[step.from]);
    return given.t("studio.step-term", { name, term, value });
  }
  const value = given.print.inline(given.values.activations[layer]?.[neuron]);
  return step.kind === "neuron" ? equated(name, value) : given.t("studio.step-activation", { name, activation, value });
}
