import { current } from "../model/history";
import { parametersOf } from "../model/structure";
import type { StudioState } from "../model/types";
import type { Studio } from "../studio/studio.svelte";
import { autosave } from "./autosave";
import { decodeState, encodeState, isLinkable } from "./permalink";
import { fetchLayers, keepNetwork } from "./stored";

const REST_MS = 400;
/** While changes go on, the address follows all the same; not for a large network, whose long address costs a browser frames. */
const MOST_MS = 900;
const LARGE = 1000;

/**
 * Keeps the state where it outlives the page: in the address, which follows a change within a second and never adds to the
 * browser's history, and in the browser's storage. In another page's frame it only knows what the address would be.
 */
export class Keeper {
  /** The fragment of the newest state that has one, without its #; empty until something was changed. */
  fragment = $state("");
  #timer: number | undefined;
  /** Since when a change waits to be kept. */
  #waitsSince = 0;

  constructor(private readonly studio: Studio) {}

  /** Follows the state from now on. Returns what ends it. */
  start(): () => void {
    const { studio } = this;
    let before = this.#state;
    this.fragment = location.hash.slice(1);
    const save = (): void => {
      if (this.#timer !== undefined && !studio.embedded) autosave(localStorage, this.#state);
    };
    const open = (): void => void this.#openAddress();
    const end = $effect.root(() => {
      $effect(() => {
        if (this.#state === before) return;
        before = this.#state;
        this.#wait();
      });
    });
    window.addEventListener("pagehide", save);
    window.addEventListener("hashchange", open);
    return () => {
      end();
      window.clearTimeout(this.#timer);
      window.removeEventListener("pagehide", save);
      window.removeEventListener("hashchange", open);
    };
  }

  /** The fragment of the state as it is now; a network too large for an address is kept by the server first. */
  async fragmentNow(): Promise<string> {
    const { state, language } = this.studio;
    return await encodeState(state, isLinkable(state) ? undefined : await keepNetwork(state, language));
  }

  /** What the learner works on, whatever is looked at. */
  get #state(): StudioState {
    return current(this.studio.history).state;
  }

  /** Keeps the state once the hand rests. */
  #wait(): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#waitsSince = now;
    window.clearTimeout(this.#timer);
    const most = parametersOf(this.#state) > LARGE ? REST_MS : Math.max(0, this.#waitsSince + MOST_MS - now);
    this.#timer = window.setTimeout(() => void this.#keep(), Math.min(REST_MS, most));
  }

  async #keep(): Promise<void> {
    this.#timer = undefined;
    const { embedded } = this.studio;
    const state = this.#state;
    if (!embedded) autosave(localStorage, state);
    const fragment = isLinkable(state) ? await encodeState(state) : "";
    if (state !== this.#state) return;
    this.fragment = fragment;
    if (!embedded) history.replaceState(null, "", location.pathname + (fragment && `#${fragment}`));
  }

  /** Someone put another link into the address. */
  async #openAddress(): Promise<void> {
    const fragment = location.hash.slice(1);
    if (fragment === "" || fragment === this.fragment) return;
    const state = await readFragment(fragment, this.studio.language);
    if (state) this.studio.replace(state, { key: "studio.did-open-link", values: {} });
    else this.studio.problem = this.studio.t("studio.link-unreadable");
  }
}

export function readFragment(fragment: string, language: string): Promise<StudioState | null> {
  return decodeState(fragment, (id) => fetchLayers(id, language));
}
