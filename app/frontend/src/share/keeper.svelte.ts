import type { Comparison } from "../compare/comparison.svelte";
import { stateIsDrawable } from "../model/drawable";
import { current } from "../model/history";
import { parametersOf } from "../model/sizes";
import type { Network } from "../studio/network.svelte";
import type { Notices } from "../studio/notices.svelte";
import type { Pace } from "../studio/pace";
import type { Selected } from "../studio/selected.svelte";
import type { Steps } from "../studio/steps.svelte";
import { storageOf } from "../studio/storage";
import type { Translate } from "../text/messages";
import { autosave } from "./autosave";
import { baseOf } from "./base";
import { whenLeft } from "./leaving";
import { decodeScene, encodeScene, isLinkable } from "./permalink";
import type { Scene } from "./scene";
import { fetchLayers, keepNetwork } from "./stored";

interface Given {
  language: string;
  embedded: boolean;
  t: Translate;
  network: Network;
  selected: Selected;
  comparison: Comparison;
  steps: Steps;
  notices: Notices;
  pace: Pace;
}

const REST_MS = 400;
/** While changes go on, the address follows all the same; not for a large network, whose long address costs a browser frames. */
const MOST_MS = 850;
const LARGE = 1000;
/** How long a step of keeping waits for the browser to be idle. */
const MOST_IDLE_MS = 25;

/**
 * Keeps the scene where it outlives the page: in the address, which follows a change within a second and never adds to the
 * browser's history, and in the browser's storage. In another page's frame it only knows what the address would be.
 */
export class Keeper {
  /** The fragment of the newest scene that has one, without its #; empty until something was changed. */
  fragment = $state("");
  readonly #storage = storageOf(window, "localStorage");
  #timer: number | undefined;
  /** Whether the browser's storage lacks the newest scene. */
  #unsaved = false;
  /** Counts what was kept: of two that overlap only the newer one is told. */
  #turn = 0;
  /** Since when a change waits to be kept. */
  #waitsSince = 0;

  constructor(private readonly given: Given) {}

  /** Follows the scene from now on. Returns what ends it. */
  start(): () => void {
    const { given } = this;
    let before = this.scene;
    this.fragment = location.hash.slice(1);
    // What was kept may be newer than the address under which it was.
    if (this.fragment !== "" && current(given.network.history).label.key === "studio.did-restore") this.#wait();
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
    const endLeaving = whenLeft({
      save: () => this.#unsaved && !given.embedded && this.#save(this.scene),
      open: (fragment) => void this.#openFragment(fragment),
    });
    return () => {
      end();
      endLeaving();
      window.clearTimeout(this.#timer);
    };
  }

  /** What the learner works on, whatever is looked at. */
  get scene(): Scene {
    const { network, selected, comparison } = this.given;
    return { state: current(network.history).state, selection: selected.part, pinned: comparison.pinned?.state ?? null };
  }

  /** The fragment of the scene as it is now; networks too large for an address are kept by the server first. */
  async fragmentNow(): Promise<string> {
    const { scene, given } = this;
    if (isLinkable(scene)) return await encodeScene(scene);
    const state = await keepNetwork(scene.state, given.language);
    const pinned = scene.pinned && (await keepNetwork(scene.pinned, given.language));
    return await encodeScene(scene, pinned ? { state, pinned } : { state });
  }

  /** Keeps the scene once the hand rests. */
  #wait(): void {
    const now = performance.now();
    this.#unsaved = true;
    if (this.#timer === undefined) this.#waitsSince = now;
    window.clearTimeout(this.#timer);
    const most = parametersOf(this.scene.state) > LARGE ? REST_MS : Math.max(0, this.#waitsSince + MOST_MS - now);
    this.#timer = window.setTimeout(() => void this.#keep(), Math.min(REST_MS, most));
  }

  /** What a page could not open again is not kept. */
  #save(scene: Scene): void {
    if (!stateIsDrawable(scene.state)) return;
    autosave(this.#storage, scene, this.fragment, baseOf(scene.state, this.given.network.opening.state));
  }

  /** A step at a time, each while nothing moves: together they would take a third of a frame. */
  async #keep(): Promise<void> {
    this.#timer = undefined;
    const turn = ++this.#turn;
    const { embedded } = this.given;
    await this.#idle();
    const { scene } = this;
    const fragment = isLinkable(scene) ? await encodeScene(scene) : "";
    await this.#idle();
    // A newer scene is on its way.
    if (turn !== this.#turn) return;
    this.fragment = fragment;
    this.#unsaved = false;
    if (!embedded) this.#save(scene);
    await this.#idle();
    if (turn !== this.#turn) return;
    if (!embedded) history.replaceState(null, "", location.pathname + (fragment && `#${fragment}`));
  }

  /** Waits until the browser has nothing to paint and no move is to be answered, but hardly longer than a frame. */
  async #idle(): Promise<void> {
    const latest = performance.now() + MOST_IDLE_MS;
    do await new Promise<void>(nextIdle);
    while (this.given.pace.holding && performance.now() < latest);
  }

  /** Someone put another link into the address. */
  async #openFragment(fragment: string): Promise<void> {
    if (fragment === "" || fragment === this.fragment) return;
    // What is being kept is no longer what the address is to say.
    this.#turn++;
    const scene = await readFragment(fragment, this.given.language);
    if (scene && !stateIsDrawable(scene.state)) this.given.notices.problem = this.given.t("studio.too-large-link");
    else if (scene) this.given.steps.open(scene, { key: "studio.did-open-link", values: {} });
    else this.given.notices.problem = this.given.t("studio.link-unreadable");
  }
}

function nextIdle(callback: () => void): void {
  // Safari has no such thing.
  if (typeof window.requestIdleCallback === "function") window.requestIdleCallback(callback, { timeout: MOST_IDLE_MS });
  else window.setTimeout(callback, 0);
}

export function readFragment(fragment: string, language: string): Promise<Scene | null> {
  return decodeScene(fragment, (id) => fetchLayers(id, language));
}
