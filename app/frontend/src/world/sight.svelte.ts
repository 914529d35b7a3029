import { steadily } from "../studio/steady";
import type { Layout, Standing } from "./place";
import type { Box } from "./types";

/** So many pixels beyond what is on screen are drawn too, so that scrolling does not run ahead of it. */
export const AHEAD = 200;

export const meets = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The part of the diagram that is on screen, and what stands there: known before any of it is drawn, so that its numbers are on their way while it is. */
export class Sight {
  view = $state.raw<Box>({ x: 0, y: 0, width: 1000, height: 600 });
  /** Whether that is a place that was measured. */
  measured = $state(false);

  /** How many pictures of all of the diagram are being made: meanwhile all of it is drawn, wherever it is. */
  pictures = $state(0);

  readonly window = $derived.by((): Box => {
    if (this.pictures > 0) return { x: 0, y: 0, width: this.given.layout.width, height: this.given.layout.height };
    const { x, y, width, height } = this.view;
    return { x: x - AHEAD, y: y - AHEAD, width: width + 2 * AHEAD, height: height + 2 * AHEAD };
  });

  readonly #steady = steadily<Standing>();
  /** The bodies in the window. */
  readonly near = $derived.by((): readonly Standing[] =>
    this.#steady(this.measured ? this.given.layout.bodies.filter(({ box }) => meets(box, this.window)) : []),
  );

  constructor(private readonly given: { readonly layout: Layout }) {}
}
