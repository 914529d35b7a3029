import type { Studio } from "../studio/studio.svelte";
import { shortened } from "../text/lines";
import { lowered, printed } from "../text/symbols";

/** What the step on screen computes, in words, with the server's numbers. `most`: how many characters of a name are written. */
export function captionOf(studio: Studio, most = Infinity): string {
  const { step } = studio.playback;
  if (step === null) return studio.t("studio.whole-pass");
  if (step.kind === "inputs") return studio.t("studio.step-inputs");
  const { layer } = step;
  const activation = studio.layers[layer - 1]?.activation ?? "";
  if (step.kind === "layer") return studio.t("studio.step-layer", { layer: studio.layerTitle(layer), activation });
  const { neuron } = step;
  const symbols = studio.symbols(layer);
  const name = shortened(lowered(studio.names[layer]![neuron]!), most);
  if (step.kind === "bias") {
    return studio.t("studio.step-term", { name, term: printed(symbols.bias(neuron)), value: studio.print.inline(studio.bias(layer, neuron)) });
  }
  if (step.kind === "term") {
    const term = `${shortened(lowered(studio.names[layer - 1]![step.from]!), most)} · ${printed(symbols.weight(step.from, neuron))}`;
    const value = studio.print.inline(studio.contributions(layer, neuron)?.[step.from]);
    return studio.t("studio.step-term", { name, term, value });
  }
  const value = studio.print.inline(studio.activations[layer]?.[neuron]);
  return studio.t(step.kind === "neuron" ? "studio.step-neuron" : "studio.step-activation", { name, activation, value });
}
