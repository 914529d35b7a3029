import { inputsNamed, layersNamed, outputsNamed } from "../model/naming";
import type { StudioState } from "../model/types";
import type { Notices } from "../studio/notices.svelte";
import { drawNetwork } from "../studio/draws";
import { reasonOf } from "../studio/reach";
import type { Steps } from "../studio/steps.svelte";
import type { Translate } from "../text/messages";

export interface Wanted {
  sizes: number[];
  hidden: string;
  output: string;
}

interface Given {
  language: string;
  t: Translate;
  steps: Steps;
  notices: Notices;
}

const RANGE: [number, number] = [-3, 3];

/** A network of these sizes with drawn inputs, weights and biases takes the place of the one on the page. Whether it did. */
export async function begin({ language, t, steps, notices }: Given, { sizes, hidden, output }: Wanted, seed: number): Promise<boolean> {
  try {
    const drawn = await drawNetwork(sizes, seed, true, language);
    const last = drawn.layers.length - 1;
    const layers = drawn.layers.map(({ weights, biases }, k) => ({ name: "", activation: k === last ? output : hidden, weights, biases }));
    const state: StudioState = {
      preset: null,
      inputs: drawn.inputs!,
      inputNames: inputsNamed(sizes[0]!),
      inputRanges: drawn.inputs!.map(() => RANGE),
      outputNames: outputsNamed([], sizes.at(-1)!),
      layers: layersNamed(layers),
      seed,
    };
    steps.replace(state, { key: "studio.did-begin", values: { sizes: sizes.join("-"), seed: String(seed) } });
    return true;
  } catch (error) {
    notices.problem = t("studio.begin-failed", { reason: reasonOf(error, t) });
    return false;
  }
}
