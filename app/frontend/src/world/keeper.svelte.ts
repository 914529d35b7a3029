import { storageOf } from "../studio/storage";
import { whenLeft } from "../share/leaving";
import { HERE } from "../share/packing";
import { unfoldedAtFirst } from "./blocks";
import { fragmentOf, keep } from "./kept";
import type { World } from "./world.svelte";

const REST_MS = 400;

/** Whether anything was changed, selected, folded or drawn larger. */
const touched = ({ edited, comparison, looked, opened, frame, outline, folding }: World): boolean =>
  edited || comparison.pinned !== null || looked || opened.size > 0 || frame.scale !== 1 || [...unfoldedAtFirst(outline)].join() !== [...folding.unfolded].join();

/** Keeps the scene where it outlives the page: in the address, which never adds to the browser's history, and in the browser's storage. */
export class WorldKeeper {
  /** The address's fragment without its #; empty until something was changed or looked at. */
  fragment = $state(location.hash.slice(1));
  readonly #storage = storageOf(window, "localStorage");
  #timer: number | undefined;
  #unsaved = false;
  /** Of two that overlap only the newer one is told. */
  #turn = 0;

  constructor(private readonly world: World) {}

  /** Follows the page from now on. Returns what ends it. */
  start(): () => void {
    let first = true;
    if (new URLSearchParams(location.search).get("network") !== this.world.outline.id) this.#begin();
    const end = $effect.root(() => {
      $effect(() => {
        const { world } = this;
        void [world.latest, world.comparison.pinned, world.selected, world.folding.unfolded, [...world.opened], world.frame.scale];
        // What the page began with is no change: nor is the number that it shows first.
        if (first || (this.fragment === "" && !touched(world))) first = false;
        else this.#wait();
      });
    });
    const endLeaving = whenLeft({ save: () => this.save(), open: (fragment) => fragment !== this.fragment && location.reload() });
    return () => {
      end();
      endLeaving();
      window.clearTimeout(this.#timer);
    };
  }

  /** Keeps at once what the storage lacks, as where the page is left. */
  save(): void {
    if (!this.#unsaved) return;
    this.#unsaved = false;
    keep(this.#storage, this.world.outline.id, this.world.scene, this.fragment);
  }

  /** The network is another one than the address says: it is kept at once, whatever comes. */
  #begin(): void {
    this.#unsaved = true;
    this.fragment = HERE;
    this.save();
    this.#show();
    this.#wait();
  }

  #show(): void {
    history.replaceState(null, "", `${location.pathname}?network=${this.world.outline.id}#${this.fragment}`);
  }

  #wait(): void {
    this.#unsaved = true;
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => void this.#keep(), REST_MS);
  }

  async #keep(): Promise<void> {
    const turn = ++this.#turn;
    const fragment = await fragmentOf(this.world.scene);
    if (turn !== this.#turn) return;
    this.fragment = fragment;
    this.save();
    this.#show();
  }
}
