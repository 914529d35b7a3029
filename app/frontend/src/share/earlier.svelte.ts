import { current } from "../model/history";
import { sizesOf } from "../model/sizes";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { Kept } from "../studio/storage";
import { earlierScenes, keepEarlier } from "./autosave";
import type { Scene } from "./scene";

interface Given {
  network: Network;
  steps: Steps;
  keeper: { readonly scene: Scene };
}

/** Networks of earlier visits that this page did not begin with: each is offered, the newest first, until it is opened or let go. */
export class Earlier {
  #scenes = $state.raw<readonly Scene[]>([]);

  constructor(
    private readonly given: Given,
    private readonly storage: Kept,
  ) {
    this.#scenes = earlierScenes(storage);
  }

  /** The layers' sizes of the one that is offered; null where there is none. */
  get sizes(): readonly number[] | null {
    const offered = this.#scenes.at(-1);
    return offered ? sizesOf(offered.state) : null;
  }

  /** Opens it, as a step that can be undone; what was worked on here meanwhile is offered in its place. */
  open(): void {
    const offered = this.#scenes.at(-1);
    if (!offered) return;
    const { network, steps, keeper } = this.given;
    const mine = current(network.history).state !== network.history.entries[0]!.state ? [keeper.scene] : [];
    this.#keep([...mine, ...this.#scenes.slice(0, -1)]);
    steps.open(offered, { key: "studio.did-restore", values: {} });
  }

  letGo(): void {
    this.#keep(this.#scenes.slice(0, -1));
  }

  #keep(scenes: readonly Scene[]): void {
    this.#scenes = scenes;
    try {
      keepEarlier(this.storage, scenes);
    } catch {
      // Without room or permission they last as long as the page.
    }
  }
}
