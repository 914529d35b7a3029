/** What plays a pass step by step, whichever network it is of. */
export interface Player<Grain extends string> {
  /** The step that was computed last; null: the whole pass is there. */
  readonly at: number | null;
  /** How many steps there are. */
  readonly count: number;
  readonly playing: boolean;
  speed: number;
  /** What each step computes. */
  grain: Grain;
  toggle(): void;
  /** One step on (1) or back (−1). */
  move(direction: 1 | -1): void;
  goTo(at: number): void;
  /** Back to the whole pass. */
  end(): void;
}

export const SPEEDS: readonly number[] = [0.5, 1, 2, 4];
