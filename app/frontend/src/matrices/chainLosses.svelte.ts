import { untrack } from "svelte";

import { layerDocuments } from "../model/document";
import { Judging, withMore } from "../rows/judging.svelte";
import type { Ending, LossDocument } from "../rows/losses";
import type { StudioData } from "../studio/data";
import { post } from "../studio/draws";
import { withNonFinite } from "../studio/nonFinite";
import type { Network } from "../studio/network.svelte";
import { reasonOf } from "../studio/reach";
import type { Wire } from "../studio/wire.svelte";
import type { Translate } from "../text/messages";
import type { Batch } from "./batch.svelte";

interface Given {
  readonly network: Network;
  readonly presets: StudioData["presets"];
  readonly language: string;
  readonly t: Translate;
  readonly wire: Wire;
}

const REST_MS = 300;

/** How far the rows of a batch are from what is right for them, through a chain of dense layers: asked for when the hand rests. */
export class ChainLosses {
  readonly judging: Judging;
  /** What is asked for is not there yet. */
  asking = $state(false);
  /** Why it does not come. */
  failure = $state.raw<string | null>(null);

  readonly #endings = $derived.by((): Ending[] => {
    const { network, presets } = this.given;
    const names = network.names.at(-1) ?? [];
    const classes = presets.find(({ name }) => name === network.preset)?.class_names ?? [];
    const by = network.layers.at(-1)?.activation ?? "";
    // Of two classes the probability of one may be all that is told.
    return [{ name: `layers.${network.layers.length - 1}.activations`, shape: [names.length], by, classes: names.length > 1 ? names : classes.length === 2 ? classes : [] }];
  });

  constructor(
    private readonly given: Given,
    private readonly batch: Batch,
  ) {
    this.judging = new Judging(() => ({ language: given.language, endings: this.#endings, beside: batch.beside }));
  }

  /** Asks whenever the rows or the parameters are others. For as long as the effect that calls it stands. */
  follow(): void {
    const { given, batch, judging } = this;
    /** Asked again when the server is back. */
    const lost = $derived(given.wire.connection === "lost");
    $effect(() => {
      void batch.rows;
      untrack(() => judging.forget());
    });
    $effect(() => {
      const [{ rows, fits }, judged, { layers }] = [batch, judging.now, given.network];
      if (rows.length === 0 || !fits || !judged || lost) return undefined;
      let current = true;
      this.asking = true;
      const ask = async (): Promise<void> => {
        try {
          const one = (values: readonly number[], shape: readonly number[]): unknown => (shape.length === 0 ? values[0] : values);
          const answer = await post("/api/v1/loss", { layers: layerDocuments(layers), inputs: rows, ...judging.asked(judged, one) }, given.language);
          const told = withNonFinite((await answer.json()) as LossDocument);
          if (current) [judging.losses, this.failure, this.asking] = [withMore(null, told), null, false];
        } catch (error) {
          if (current) this.failure = reasonOf(error, given.t);
        }
      };
      const timer = setTimeout(() => void ask(), untrack(() => judging.losses) ? REST_MS : 0);
      return () => {
        current = false;
        clearTimeout(timer);
      };
    });
  }
}
