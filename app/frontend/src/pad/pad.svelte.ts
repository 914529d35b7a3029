import { untrack } from "svelte";

import type { Numbers } from "../world/state";
import type { World } from "../world/world.svelte";
import type { Drawn, Maker } from "./maker";
import { reasonFor } from "./recipe";
import type { Ink } from "./inks";
import { longer, toggled, type Line, type Point, type Stroke } from "./strokes";

const NOTHING: readonly Line[] = [];

/**
 * The pad before a network that takes a picture, made with the component that shows it. While the pen is down the server is told what is drawn, and tells what the network
 * says of it; when it is lifted, the picture that came of it becomes the input, as a step that can be undone.
 */
export class Pad<How = unknown> {
  /** The stroke of the pen that is down; null while it is up. */
  current = $state.raw<Stroke | null>(null);
  /** What is drawn in from here on. */
  ink = $state<Ink>("white");
  /** Lines whose picture is on its way, or waits for the server. */
  #ahead = $state.raw<readonly Line[] | null>(null);
  #asked = 0;
  /** What an input's numbers were drawn as: by the numbers themselves, so that undoing brings the lines back with them. A file's picture has none. */
  readonly #drawn = new WeakMap<Float64Array, Drawn<How> & { readonly lines: readonly Line[] }>();

  constructor(
    private readonly world: World,
    /** The input that takes the picture. */
    readonly tensor: string,
    private readonly maker: Maker<How>,
  ) {
    // What was drawn while the server was away becomes a picture once it is back.
    $effect(() => {
      if (world.wire.connection === "live") untrack(() => this.#ahead && void this.#become(this.#ahead));
    });
  }

  get #standing() {
    const numbers: Numbers | undefined = this.world.state.tensors.get(this.tensor);
    return (numbers?.base && numbers.changed.size === 0 && this.#drawn.get(numbers.base)) || null;
  }

  readonly lines = $derived.by(() => this.#ahead ?? this.#standing?.lines ?? NOTHING);
  /** How the picture that is on screen came about; null where it was not drawn. */
  readonly how = $derived.by(() => this.#standing?.how ?? null);
  readonly inked = $derived.by(() => this.#standing?.inked ?? false);

  /** The pen goes from point to point. */
  move(...points: Point[]): void {
    const next = points.reduce(longer, this.current ?? []);
    if (next === this.current) return;
    this.current = next;
    this.world.pen(this.tensor, this.maker.ahead([...this.lines, { stroke: next, ink: this.ink }]));
  }

  /** The pen is lifted. */
  lift(): void {
    const { current } = this;
    this.current = null;
    if (current) void this.#become([...this.lines, { stroke: current, ink: this.ink }]);
  }

  /** The stroke that is being drawn was not meant. */
  abandon(): void {
    if (!this.current) return;
    this.current = null;
    this.world.pen(this.tensor, null);
  }

  toggle(row: number, column: number): void {
    void this.#become(toggled(this.lines, row, column, this.ink));
  }

  undo(): void {
    if (this.lines.length > 0) void this.#become(this.lines.slice(0, -1));
  }

  clear(): void {
    if (this.lines.length > 0 || this.inked) void this.#become([]);
  }

  async #become(lines: readonly Line[]): Promise<void> {
    this.#ahead = lines;
    await this.#take(lines, (language) => this.maker.drawn(lines, language));
  }

  /** A picture file goes the same way. */
  async open(file: File): Promise<void> {
    await this.#take([], (language) => this.maker.opened(file, language), file.name);
  }

  async #take(lines: readonly Line[], ask: (language: string) => Promise<Drawn<How>>, name?: string): Promise<void> {
    const { world, tensor } = this;
    const number = ++this.#asked;
    const before = world.state.tensors.get(tensor);
    try {
      const drawn = await ask(world.language);
      if (number !== this.#asked) return;
      // The input became another one meanwhile: what was done last is what stands.
      if (world.state.tensors.get(tensor) !== before) {
        this.#ahead = null;
        return;
      }
      world.replace(new Map([[tensor, drawn.values]]), name === undefined ? { key: "pad.did-draw", values: {} } : { key: "pad.did-open", values: { name } });
      this.#drawn.set(world.state.tensors.get(tensor)!.base!, { lines, ...drawn });
      // Only now that both are known.
      this.#ahead = null;
    } catch (error) {
      if (number !== this.#asked) return;
      world.notices.problem = world.t("pad.failed", { reason: reasonFor(error, world.t) });
    }
  }
}
