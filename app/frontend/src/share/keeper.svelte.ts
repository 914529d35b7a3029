import { current } from "../model/history";
import { parametersOf } from "../model/structure";
import type { Studio } from "../studio/studio.svelte";
import { autosave } from "./autosave";
import { decodeScene, encodeScene, isLinkable } from "./permalink";
import type { Scene } from "./scene";
import { fetchLayers, keepNetwork } from "./stored";

const REST_MS = 400;
/** While changes go on, the address follows all the same; not for a large network, whose long address costs a browser frames. */
const MOST_MS = 900;
const LARGE = 1000;
const MOST_IDLE_MS = 90;

/**
 * Keeps the scene where it outlives the page: in the address, which follows a change within a second and never adds to the
 * browser's history, and in the browser's storage. In another page's frame it only knows what the address would be.
 */
export class Keeper {
  /** The fragment of the newest scene that has one, without its #; empty until something was changed. */
  fragment = $state("");
  #timer: number | undefined;
  /** Since when a change waits to be kept. */
  #waitsSince = 0;

  constructor(private readonly studio: Studio) {}

  /** Follows the scene from now on. Returns what ends it. */
  start(): () => void {
    const { studio } = this;
    let before = this.scene;
    this.fragment = location.hash.slice(1);
    const save = (): void => {
      if (this.#timer !== undefined && !studio.embedded) autosave(localStorage, this.scene);
    };
    const open = (): void => void this.#openAddress();
    const end = $effect.root(() => {
      $effect(() => {
        const { scene } = this;
        const changed = scene.state !== before.state || scene.pinned !== before.pinned;
        // A look around alone makes no address; where there is one, it tells what is looked at.
        const looked = scene.selection !== before.selection && this.fragment !== "";
        before = scene;
        if (changed || looked) this.#wait();
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

  /** What the learner works on, whatever is looked at. */
  get scene(): Scene {
    const { history, selection, comparison } = this.studio;
    return { state: current(history).state, selection, pinned: comparison.pinned?.state ?? null };
  }

  /** The fragment of the scene as it is now; networks too large for an address are kept by the server first. */
  async fragmentNow(): Promise<string> {
    const { scene, studio } = this;
    if (isLinkable(scene)) return await encodeScene(scene);
    const state = await keepNetwork(scene.state, studio.language);
    const pinned = scene.pinned && (await keepNetwork(scene.pinned, studio.language));
    return await encodeScene(scene, pinned ? { state, pinned } : { state });
  }

  /** Keeps the scene once the hand rests. */
  #wait(): void {
    const now = performance.now();
    if (this.#timer === undefined) this.#waitsSince = now;
    window.clearTimeout(this.#timer);
    const most = parametersOf(this.scene.state) > LARGE ? REST_MS : Math.max(0, this.#waitsSince + MOST_MS - now);
    this.#timer = window.setTimeout(() => whenIdle(() => void this.#keep()), Math.min(REST_MS, most));
  }

  async #keep(): Promise<void> {
    this.#timer = undefined;
    const { embedded } = this.studio;
    const { scene } = this;
    if (!embedded) autosave(localStorage, scene);
    const fragment = isLinkable(scene) ? await encodeScene(scene) : "";
    if (scene.state !== this.scene.state) return;
    this.fragment = fragment;
    if (!embedded) history.replaceState(null, "", location.pathname + (fragment && `#${fragment}`));
  }

  /** Someone put another link into the address. */
  async #openAddress(): Promise<void> {
    const fragment = location.hash.slice(1);
    if (fragment === "" || fragment === this.fragment) return;
    const scene = await readFragment(fragment, this.studio.language);
    if (scene) this.studio.open(scene, { key: "studio.did-open-link", values: {} });
    else this.studio.problem = this.studio.t("studio.link-unreadable");
  }
}

/** Calls back while the browser has nothing to paint or to answer, at the latest after 90 ms. */
function whenIdle(callback: () => void): void {
  // Safari has no such thing.
  if ("requestIdleCallback" in window) window.requestIdleCallback(callback, { timeout: MOST_IDLE_MS });
  else callback();
}

export function readFragment(fragment: string, language: string): Promise<Scene | null> {
  return decodeScene(fragment, (id) => fetchLayers(id, language));
}
