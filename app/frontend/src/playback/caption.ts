import type { Studio } from "../studio/studio.svelte";
import { biasSymbol, lowered, printed, weightSymbol } from "../text/symbols";

/** What the step on screen computes, in words, with the server's numbers. */
export function captionOf(studio: Studio): string {
  const { step } = studio.playback;
  if (step === null) return studio.t("studio.whole-pass");
  if (step.kind === "inputs") return studio.t("studio.step-inputs");
  const { layer } = step;
  const activation = studio.layers[layer - 1]?.activation ?? "";
  if (step.kind === "layer") return studio.t("studio.step-layer", { layer: studio.layerTitle(layer), activation });
  const { neuron } = step;
  const name = lowered(studio.names[layer]![neuron]!);
  if (step.kind === "bias") {
    const values = { name, bias: printed(biasSymbol(neuron)), value: studio.print.inline(studio.bias(layer, neuron)) };
    return studio.t("studio.step-bias", values);
  }
  if (step.kind === "term") {
    const term = `${lowered(studio.names[layer - 1]![step.from]!)} · ${printed(weightSymbol(step.from, neuron))}`;
    const value = studio.print.inline(studio.contributions(layer, neuron)?.[step.from]);
    return studio.t("studio.step-term", { name, term, value });
  }
  const value = studio.print.inline(studio.activations[layer]?.[neuron]);
  return studio.t(step.kind === "neuron" ? "studio.step-neuron" : "studio.step-activation", { name, activation, value });
}
