import type { Message } from "../model/types";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { Words } from "../studio/words";

/** What a change of one number needs. `layer` is the diagram's number in these verbs (see `model/numbering`). */
export interface Editing {
  network: Network;
  words: Words;
  steps: Steps;
}

export const valueLabel = (name: string, before: number, after: number): Message => ({
  key: "studio.did-value",
  values: { name, before, after },
});
