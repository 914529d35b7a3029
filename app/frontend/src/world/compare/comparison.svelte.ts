import { untrack } from "svelte";

import { Explained } from "../../forms/decode";
import { GIVEN, layoutOf } from "../../forms/forms.svelte";
import type { Pass } from "../../live/frames";
import { Described } from "../../forms/described";
import { current, type History } from "../../model/history";
import type { Message } from "../../model/types";
import { Notices } from "../../studio/notices.svelte";
import { Pace } from "../../studio/pace";
import { Wire } from "../../studio/wire.svelte";
import type { Translate } from "../../text/messages";
import { flatOf, tensorsOf } from "../cells";
import { dialectOf } from "../dialect";
import type { Standing } from "../place";
import { changesBetween, type WorldChange, type WorldState } from "../state";
import type { Cell, Outline, TensorOutline } from "../types";
import { shownName, type WorldWatch } from "../watching";
import { counterpartOf, counterparts, watchesThere, type Counterparts } from "./counterparts";

interface Given {
  readonly language: string;
  readonly t: Translate;
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  readonly notices: Notices;
  readonly history: History<WorldState>;
  /** What is on screen of the state that the learner works on. */
  watches(): WorldWatch[];
  /** A step that leaves the network as it is, or makes it another one. */
  step(state: WorldState, label: Message, pinned: WorldState | null): void;
}

/** A pinned state in a session of its own, which is asked for the very numbers that are on screen. */
class Ghost {
  newest = $state.raw<Pass | null>(null);
  newestAhead: Pass | null = null;
  readonly counterparts: Counterparts;
  readonly notices: Notices;
  readonly wire: Wire<WorldState, WorldChange, WorldWatch>;
  readonly #described = new Described();

  constructor(
    given: Given,
    readonly state: WorldState,
  ) {
    const { language, t } = given;
    this.notices = new Notices(t);
    this.counterparts = counterparts(given.outline, state.outline);
    const dialect = dialectOf(state.outline, this.counterparts === null ? given.tensors : tensorsOf(state.outline));
    this.wire = new Wire({ language, t, notices: this.notices, pace: new Pace(), values: this, dialect, opening: () => state, explained: this.#described.take }, "");
    this.wire.watch(() => watchesThere(this.counterparts, given.watches()));
  }

  /** What the server said last of a watch's arrays. */
  told = this.#described.of;

  array(tensor: string): Float32Array | undefined {
    const name = counterpartOf(this.counterparts, tensor);
    if (name === null) return undefined;
    return this.newest?.arrays.get(name) ?? this.newest?.arrays.get(`tensor.${shownName(tensor)}`);
  }
}

/** A state that was pinned, and the one that the learner works on, beside each other. */
export class Comparison {
  /** The pinned state is on screen instead of the learner's. */
  flipped = $state(false);
  ghost = $state.raw<Ghost | null>(null);
  readonly pinned = $derived.by(() => current(this.given.history).pinned ?? null);
  /** A look at the pinned state is a look at the same network. */
  readonly flips = $derived.by(() => this.pinned?.outline === this.given.outline);
  /** Why there is nothing to compare with. */
  readonly trouble = $derived.by(() => {
    const reason = this.ghost?.notices.trouble ?? null;
    return reason === null ? null : this.given.t("studio.pin-failed", { reason });
  });

  constructor(private readonly given: Given) {}

  /** Follows what is pinned. Returns what ends it. */
  start(): () => void {
    return $effect.root(() => {
      $effect(() => {
        const { pinned } = this;
        if (!pinned) return undefined;
        const ghost = new Ghost(this.given, pinned);
        this.ghost = ghost;
        const end = untrack(() => ghost.wire.start());
        return () => {
          end();
          this.ghost = null;
          this.flipped = false;
        };
      });
    });
  }

  /** Pins what is on screen: a step that can be undone. */
  pin(): void {
    const { state } = current(this.given.history);
    this.given.step(state, { key: "studio.did-pin", values: {} }, state);
  }

  unpin(): void {
    if (!this.pinned) return;
    this.flipped = false;
    this.given.step(current(this.given.history).state, { key: "studio.did-unpin", values: {} }, null);
  }

  /** Shows the other of the two, and back; a look, not a step. */
  flip(): void {
    if (this.flips) this.flipped = !this.flipped;
  }

  /** The pinned state becomes the one to work on, and the other way round: a step that can be undone. */
  swap(): void {
    const { pinned, given } = this;
    if (!pinned) return;
    this.flipped = false;
    const mine = current(given.history).state;
    if (mine === pinned || (mine.outline === pinned.outline && changesBetween(mine, pinned, given.tensors)?.length === 0)) {
      given.notices.say("studio.swap-same");
      return;
    }
    given.step(pinned, { key: "studio.did-swap", values: {} }, mine);
  }

  /** The pinned numbers of what a body shows; undefined where nothing is compared, or not known yet. */
  shownThen({ tensor, plan }: Pick<Standing, "tensor" | "plan">): Float32Array | undefined {
    if (!this.ghost || this.flipped) return undefined;
    if (plan.by === null && plan.region === null) return this.ghost.array(tensor.name);
    return counterpartOf(this.ghost.counterparts, tensor.name) === null ? undefined : this.ghost.newest?.arrays.get(`tensor.${shownName(tensor.name, plan)}`);
  }

  /** All pinned numbers of a tensor, where they are known. */
  then(tensor: string): Float32Array | undefined {
    return this.flipped ? undefined : this.ghost?.array(tensor);
  }

  /** The pinned number of a cell, where it is known: of a parameter, what is selected. */
  thenOf({ tensor, at }: Cell): number | undefined {
    const all = this.then(tensor);
    if (all) return all[flatOf(at, this.given.tensors.get(tensor)!.shape)];
    return this.flipped ? undefined : this.ghost?.newest?.arrays.get(`tensor.${GIVEN}`)?.[0];
  }

  /** What the same number was made of in the pinned state, part by part. */
  explainedThen({ layout, rows }: Explained): Explained | null {
    const { ghost } = this;
    if (!ghost?.newest || this.flipped || rows !== Infinity) return null;
    const told = ghost.told(layout.told.name);
    if (!told || told.tensor !== counterpartOf(ghost.counterparts, layout.cell.tensor) || told.at.join() !== layout.cell.at.join()) return null;
    const there = layoutOf(told);
    if (there.count !== layout.count || there.form !== layout.form) return null;
    return ghost.newest.arrays.get(`explain.${told.name}.parts`)?.length === there.count ? new Explained(there, ghost.newest.arrays) : null;
  }
}
