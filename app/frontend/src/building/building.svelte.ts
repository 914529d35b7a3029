import type { Next } from "../model/structure";
import type { Message, StudioState } from "../model/types";
import { withDraws } from "../studio/draws";
import type { Network } from "../studio/network.svelte";
import type { Notices } from "../studio/notices.svelte";
import { reasonOf } from "../studio/reach";
import type { Selected } from "../studio/selected.svelte";
import type { Part } from "../studio/selection";
import type { Steps } from "../studio/steps.svelte";
import { layerTitle } from "../studio/titles";
import type { Translate } from "../text/messages";

export const MOST_NEURONS = 64;
export const MOST_LAYERS = 16;

/** What new numbers are: the next seed's draws, or ones that change nothing yet (zeros; the identity for a layer). */
export type NewNumbers = "drawn" | "neutral";

/** What building needs of the studio. */
export interface Site {
  language: string;
  t: Translate;
  network: Network;
  selected: Selected;
  steps: Steps;
  notices: Notices;
}

/** A change of shape: the verbs beside this file make them. */
export interface Work {
  /** Makes the new state; `next` gives the numbers of what is new. */
  step: (state: StudioState, next: Next) => StudioState;
  /** What the history says of it, and what is selected after it. */
  told: (after: StudioState) => { label: Message; selection: Part };
  /** Why the network as it is then does not allow it; null where it does. */
  refusal?: (state: StudioState) => string | null;
}

/**
 * Changes of the network's shape, one after the other. Layers count as in the diagram: 0 is the inputs.
 * Numbers that have to be drawn come from the server; where it does not answer, nothing changes and the page says so.
 */
export class Building {
  newNumbers = $state<NewNumbers>("drawn");
  #queue: Promise<void> = Promise.resolve();

  constructor(readonly site: Site) {}

  /** Takes a step when the ones before it are done. What it needs of new numbers comes from the seed after the last. */
  take({ step, told, refusal = () => null }: Work): Promise<void> {
    return this.queued(async () => {
      const { network, notices, steps, language } = this.site;
      const reason = refusal(network.latest);
      if (reason !== null) {
        notices.notice = reason;
        return;
      }
      const seed = network.latest.seed + 1;
      let drew = false;
      const drawing = (next: Next): StudioState =>
        step(network.latest, () => {
          drew = true;
          return next();
        });
      const after = this.newNumbers === "neutral" ? step(network.latest, () => 0) : await withDraws(drawing, seed, language);
      const { label, selection } = told(after);
      steps.commit(drew ? { ...after, seed } : after, label, { selection });
    });
  }

  /** Does any work in its turn, and says where it failed. */
  queued(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      const { notices, t } = this.site;
      notices.problem = t("studio.build-failed", { reason: reasonOf(error, t) });
    });
    return this.#queue;
  }

  /** What a step on a layer is called. */
  label(key: string, layer: number): Message {
    return { key, values: { layer: layerTitle(layer, this.site.network.layers) } };
  }
}
