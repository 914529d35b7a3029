import type { Numbers } from "../world/state";
import type { World } from "../world/world.svelte";
import { reasonFor, valuesOf, writtenOf, writtenOfFile, type Written } from "./recipe";
import { longer, toggled, type Point, type Stroke } from "./strokes";

/** What an input's numbers were drawn as: by the numbers themselves, so that undoing brings the strokes back with them. */
interface Drawn {
  strokes: readonly Stroke[];
  /** A picture file is drawn by no strokes. */
  written: Written;
}

const NOTHING: readonly Stroke[] = [];

/**
 * The pad before a network for handwritten digits. While the pen is down the server is told its strokes, and tells what the network
 * says of them; when it is lifted, the picture that came of them becomes the input, as a step that can be undone.
 */
export class Pad {
  /** The stroke of the pen that is down; null while it is up. */
  current = $state.raw<Stroke | null>(null);
  /** Strokes whose picture is on its way. */
  #ahead = $state.raw<readonly Stroke[] | null>(null);
  #asked = 0;
  readonly #drawn = new WeakMap<Float64Array, Drawn>();

  constructor(
    private readonly world: World,
    /** The input that takes the picture. */
    readonly tensor: string,
    private readonly count: number,
  ) {}

  get #standing(): Drawn | null {
    const numbers: Numbers | undefined = this.world.state.tensors.get(this.tensor);
    return (numbers?.base && numbers.changed.size === 0 && this.#drawn.get(numbers.base)) || null;
  }

  readonly strokes = $derived.by(() => this.#ahead ?? this.#standing?.strokes ?? NOTHING);
  /** The steps from the ink to the picture that is on screen; null where that was not drawn. */
  readonly written = $derived.by(() => this.#standing?.written ?? null);

  /** The pen goes to a point. */
  move(point: Point): void {
    const next = longer(this.current ?? [], point);
    if (next === this.current) return;
    this.current = next;
    const strokes = [...this.strokes, next];
    this.world.pen(this.tensor, strokes);
  }

  /** The pen is lifted. */
  lift(): void {
    const { current } = this;
    this.current = null;
    if (current) void this.#become([...this.strokes, current]);
  }

  /** The stroke that is being drawn was not meant. */
  abandon(): void {
    if (!this.current) return;
    this.current = null;
    this.world.pen(this.tensor, null);
  }

  toggle(row: number, column: number): void {
    void this.#become(toggled(this.strokes, row, column));
  }

  undo(): void {
    if (this.strokes.length > 0) void this.#become(this.strokes.slice(0, -1));
  }

  clear(): void {
    if (this.strokes.length > 0 || this.written?.ink.some((row) => row.includes(1))) void this.#become([]);
  }

  async #become(strokes: readonly Stroke[]): Promise<void> {
    this.#ahead = strokes;
    await this.#take(strokes, (language) => writtenOf(strokes, language));
  }

  /** A picture file goes the same way. */
  async open(file: File): Promise<void> {
    await this.#take([], (language) => writtenOfFile(file, language), file.name);
  }

  async #take(strokes: readonly Stroke[], ask: (language: string) => Promise<Written>, name?: string): Promise<void> {
    const { world, tensor, count } = this;
    const number = ++this.#asked;
    const before = world.state.tensors.get(tensor);
    try {
      const written = await ask(world.language);
      if (number !== this.#asked) return;
      // The input became another one meanwhile: what was done last is what stands.
      if (world.state.tensors.get(tensor) !== before) {
        this.#ahead = null;
        return;
      }
      world.replace(new Map([[tensor, valuesOf(written, count)]]), name === undefined ? { key: "pad.did-draw", values: {} } : { key: "pad.did-open", values: { name } });
      this.#drawn.set(world.state.tensors.get(tensor)!.base!, { strokes, written });
      // Only now that both are known.
      this.#ahead = null;
    } catch (error) {
      if (number !== this.#asked) return;
      world.notices.problem = world.t("pad.failed", { reason: reasonFor(error, world.t) });
    }
  }
}
