import { tick } from "svelte";
import { on } from "svelte/events";

import { blocksOf, unfoldedGroups, type Block, type Unfolded } from "./blocks";
import { layout, type Frame, type Layout, type Standing } from "./place";
import { meets } from "./sight.svelte";
import type { Box, Outline } from "./types";
import { watchesAhead, type WorldWatch } from "./watching";

/** The longest that a card waits for the numbers of what is in it, in milliseconds: a hand does not notice it. */
const MOST_WAIT = 80;

/** So long a card is pointed at before what it opens into is asked for: whoever only passes over it asks for nothing, in milliseconds. */
const MEANT = 60;

/** The blocks of a network, and where they stand. */
export interface Arranged {
  readonly blocks: readonly Block[];
  readonly groups: readonly Unfolded[];
  readonly layout: Layout;
}

interface Given {
  readonly outline: Outline;
  readonly sight: { readonly window: Box; readonly measured: boolean; readonly near: readonly Standing[] };
  readonly frame: Frame;
  readonly opened: NonNullable<Frame["opened"]>;
  readonly largest: NonNullable<Frame["largest"]>;
  readonly following: { readonly widths: Frame["follows"] };
  readonly wire: { watch(watches: () => readonly WorldWatch[]): () => void };
  areTold(body: Standing): boolean;
}

/** Which groups are unfolded. A card opens once the numbers of what is in it are told, and so is drawn once, with them. */
export class Folding {
  /** The groups that are unfolded, or are about to be. */
  unfolded = $state.raw<ReadonlySet<string>>(new Set());
  /** The card that is pointed at, or has the focus. */
  #pointed = $state<string | null>(null);
  #endAhead: (() => void) | null = null;
  /** What stays on screen while the numbers of something else are asked for. */
  #held = $state.raw<Arranged | null>(null);
  #timer: number | undefined;
  #waiting: (() => void)[] = [];

  readonly #coming = $derived.by(() => this.#arrangedWith(this.unfolded));
  /** What is on screen. */
  readonly arranged = $derived(this.#held ?? this.#coming);
  /** The bodies that are to be told: those in sight, or those that will be. */
  readonly near = $derived.by((): readonly Standing[] => {
    const { near, window } = this.given.sight;
    return this.#held ? this.#coming.layout.bodies.filter(({ box }) => meets(box, window)) : near;
  });
  /** What is in sight once the card opens that is pointed at. */
  readonly ahead = $derived.by((): readonly Standing[] => {
    if (this.#pointed === null) return [];
    const { window } = this.given.sight;
    return this.#arrangedWith(new Set([...this.unfolded, this.#pointed])).layout.bodies.filter(({ box }) => meets(box, window));
  });

  constructor(private readonly given: Given) {}

  #arrangedWith(unfolded: ReadonlySet<string>): Arranged {
    const { outline, frame, opened, largest, following } = this.given;
    const [blocks, groups] = [blocksOf(outline, unfolded), unfoldedGroups(outline, unfolded)];
    return { blocks, groups, layout: layout(blocks, groups, { ...frame, opened, largest, ends: new Set(outline.outputs), follows: following.widths }) };
  }

  /** Has what a card opens into told from now on. It comes after all else that is watched: of a list that is too long the server has the last left out. */
  point(card: string | null): void {
    this.#endAhead?.();
    this.#pointed = card;
    this.#endAhead = card === null ? null : this.given.wire.watch(() => watchesAhead(this.given.outline, this.near, this.ahead));
  }

  /** Has it told no longer, where that is this card's or any; whether it was. */
  letGo(card = this.#pointed): boolean {
    if (card === null || card !== this.#pointed) return false;
    this.point(null);
    return true;
  }

  /** Opens groups, or folds them again. Settles once they are to be drawn so. */
  fold(ids: readonly string[], unfold: boolean): Promise<void> {
    if (this.given.sight.measured) this.#held ??= this.arranged;
    const unfolded = new Set(this.unfolded);
    for (const id of ids) unfold ? unfolded.add(id) : unfolded.delete(id);
    this.unfolded = unfolded;
    this.point(null);
    return new Promise((settled) => {
      this.#waiting.push(settled);
      this.#timer ??= window.setTimeout(this.#show, MOST_WAIT);
      this.told();
    });
  }

  /** There are newer numbers. */
  told(): void {
    if (this.#timer !== undefined && this.near.every((body) => this.given.areTold(body))) this.#show();
  }

  #show = (): void => {
    window.clearTimeout(this.#timer);
    [this.#timer, this.#held] = [undefined, null];
    for (const settle of this.#waiting.splice(0)) settle();
  };
}

/** Opens a group's card, or folds it again: what had the focus gives it to what stands there then, the frame's title or the card. */
export async function fold(folding: Folding, id: string, unfold: boolean, event: MouseEvent): Promise<void> {
  if (event.detail > 0) addEventListener("click", notAgain, { capture: true, once: true });
  const from = document.activeElement;
  await folding.fold([id], unfold);
  await tick();
  // Whoever has gone on by then stays there.
  if (document.activeElement !== from && document.activeElement !== document.body) return;
  // A module may be called anything; what follows the last @ is its first layer.
  const first = Number(id.slice(id.lastIndexOf("@") + 1));
  const place = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`) ?? document.querySelector<HTMLElement>(`[data-body="${first + 1}"]`);
  // A pointer is where it is; whoever came with the keyboard has to see where.
  place?.focus({ preventScroll: event.detail > 0 });
}

/** Has what a card opens into told once the card is pointed at or has the focus: pressed, it opens at once. */
export const toldAhead =
  (folding: Folding, id: string) =>
  (card: HTMLElement): (() => void) => {
    let timer: number | undefined;
    const begin = (): void => {
      window.clearTimeout(timer);
      timer = window.setTimeout(() => folding.point(id), MEANT);
    };
    const end = (): void => {
      window.clearTimeout(timer);
      folding.letGo(id);
    };
    const ends = [on(card, "pointerenter", begin), on(card, "focus", begin), on(card, "pointerleave", end), on(card, "blur", end), end];
    return () => ends.forEach((each) => each());
  };

/** The second press of a double click is meant for what was pressed first, and not for what has come to lie there. */
const notAgain = (event: MouseEvent): void => void (event.detail > 1 && event.stopPropagation());
