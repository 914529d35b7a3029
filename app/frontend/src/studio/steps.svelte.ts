import type { Gestures } from "../history/gestures";
import type { Change } from "../live/protocol";
import type { Entry } from "../model/history";
import { computeAlike, sizesOf } from "../model/sizes";
import type { Message, StudioState } from "../model/types";
import type { Scene } from "../share/scene";
import { openingLabel, type Network } from "./network.svelte";
import type { Notices } from "./notices.svelte";
import type { Pace } from "./pace";
import type { Print } from "./print";
import type { Selected } from "./selected.svelte";
import { firstSelection, type Part } from "./selection";
import type { Values } from "./values.svelte";
import type { Wire } from "./wire.svelte";

/**
 * What the status line says of the last change: its words, and the first output's value before it began. `counts`: whether it was of
 * what the network computes; a name is not.
 */
export interface LastChange {
  gesture: string;
  label: Message;
  counts: boolean;
  outputBefore: number | null;
}

/** How a step is taken: `target` joins the changes of one gesture; `change` is what the server is told, where no shape
 *  changes; null where it has nothing to learn; left out, it is told what is different. */
export interface Step {
  target?: string;
  change?: Change | null;
  selection?: Part | null;
  /** Another network, and not a change of this one: resets lead back to here. */
  opened?: boolean;
  /** What is pinned beside it from now on; left out, what was. */
  pinned?: StudioState | null;
}

interface Given {
  network: Network;
  selected: Selected;
  values: Values;
  wire: Wire;
  notices: Notices;
  print: Print;
  pace: Pace;
  gestures: Gestures;
  playback: { end(): void };
  /** What is pinned: `settle` before a step is taken, true where that was a step too; `follow` once the history is another. */
  pinned: { settle(): boolean; follow(): void };
  /** Whether a state may follow another, where something is held in its place. */
  allows: (before: StudioState, after: StudioState) => boolean;
}

/** What the learner does: each step goes into the history, onto the screen and to the server. */
export class Steps {
  lastChange = $state.raw<LastChange | null>(null);
  touched = $state(false);
  #moving = false;

  constructor(private readonly given: Given) {}

  /** A move of the hand: what it changes is shown with the server's answer, where that comes at once. */
  move(change: () => void): void {
    this.#moving = true;
    try {
      change();
    } finally {
      this.#moving = false;
    }
  }

  /** The same for a pointer, which may move more often than frames are painted. */
  follow(change: () => void): void {
    const { wire, pace } = this.given;
    if (wire.free) this.move(change);
    else pace.moveLater(() => this.move(change));
  }

  /** Shows another network; every shape may differ. */
  replace(state: StudioState, label: Message): void {
    this.commit(state, label, { selection: firstSelection(sizesOf(state)), opened: true });
  }

  /** Shows another scene: a network with what is selected in it and what is pinned beside it. */
  open({ state, selection, pinned }: Scene, label: Message): void {
    this.commit(state, label, { selection, opened: true, pinned });
  }

  commit(state: StudioState, label: Message, { target, change, selection, opened, pinned }: Step = {}): void {
    const { network, wire, pace, gestures, allows } = this.given;
    if (!allows(network.latest, state)) return;
    pace.release();
    const gesture = target === undefined ? null : gestures.of(target, performance.now());
    const take = (): void => {
      this.#record(state, label, { gesture, opened, pinned });
      if (change === undefined) this.#show(state, selection);
      else this.#stand(state);
    };
    if (this.#moving && wire.free) {
      network.hold(state);
      pace.hold(take);
    } else {
      take();
    }
    if (change) wire.change(change);
  }

  /** Shows a state without taking a step. */
  display(state: StudioState): void {
    this.given.pace.release();
    this.given.gestures.end();
    this.#show(state);
  }

  undo(): void {
    const { entries, at } = this.given.network.history;
    if (at > 0) this.#goTo(at - 1, "studio.did-undo", entries[at]!);
    else this.given.notices.say("studio.nothing-to-undo");
  }

  redo(): void {
    const { entries, at } = this.given.network.history;
    const next = entries[at + 1];
    if (next) this.#goTo(at + 1, "studio.did-redo", next);
    else this.given.notices.say("studio.nothing-to-redo");
  }

  /** Goes to a step of the history, in one go. */
  jump(to: number): void {
    const { entries, at } = this.given.network.history;
    const next = Math.min(Math.max(to, 0), entries.length - 1);
    if (next !== at) this.#goTo(next, "studio.did-jump", entries[next]!);
  }

  /** Back to the network as it was opened, as a step that can be undone. */
  reset(): void {
    const { state, label } = this.given.network.opening;
    this.replace(state, { key: "studio.did-reset", values: { what: openingLabel(label) } });
  }

  /** Into the history and the status line. */
  #record(
    state: StudioState,
    label: Message,
    { gesture, opened, pinned }: { gesture: string | null; opened: boolean | undefined; pinned: StudioState | null | undefined },
  ): void {
    const { network, pinned: beside } = this.given;
    if (beside.settle()) network.record(network.state, { key: "studio.did-take-pinned", values: {} });
    const entry = network.record(state, label, { gesture, ...(opened && { opened }), ...(pinned !== undefined && { pinned }) });
    beside.follow();
    this.touched = true;
    // A gesture that came back to where it began is no step: what it did is told all the same.
    this.#tell(gesture, entry.gesture === gesture ? entry.label : label, state);
  }

  /** Another step of the history becomes the current one. */
  #goTo(at: number, key: string, { label }: Entry<StudioState>): void {
    const { network, pace, gestures, pinned, print } = this.given;
    pace.release();
    pinned.settle();
    gestures.end();
    const state = network.goTo(at);
    const number = key === "studio.did-jump" && { number: String(at) };
    this.#tell(null, { key, values: { ...number, what: print.message(label) } }, state);
    this.#show(state);
    pinned.follow();
  }

  /** Shows a state of the same shape. Returns whether it was of another. */
  #stand(state: StudioState): boolean {
    this.given.notices.clear();
    return this.given.network.stand(state);
  }

  /** Another state, whose shapes may differ. While they do not, the numbers on screen wait for the next ones. */
  #show(state: StudioState, selection?: Part | null): void {
    const { network, selected, values, wire, playback } = this.given;
    if (this.#stand(state)) {
      values.forget();
      playback.end();
    }
    selected.keepWithin(network.sizes, selection);
    wire.reopen();
  }

  #tell(gesture: string | null, label: Message, state: StudioState): void {
    const { network, values } = this.given;
    const last = this.lastChange;
    const going = gesture !== null && last?.gesture === gesture;
    const outputBefore = going ? last.outputBefore : values.output;
    this.lastChange = { gesture: gesture ?? "", label, counts: !computeAlike(network.state, state), outputBefore };
  }
}
