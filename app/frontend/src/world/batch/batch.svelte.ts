import { createContext, untrack } from "svelte";

import { RowsOfInputs } from "../../matrices/rows.svelte";
import type { Message } from "../../model/types";
import type { WantedInputs } from "../../reading/files";
import { Judging, withMore, type Judged } from "../../rows/judging.svelte";
import { countsOf, type Ending, type LossDocument, type Losses } from "../../rows/losses";
import { post } from "../../studio/draws";
import { withNonFinite } from "../../studio/nonFinite";
import { reasonOf, Refused } from "../../studio/reach";
import { flatOf, indexOf, sizeOf } from "../cells";
import { idNow } from "../keeping";
import { rangeOf } from "../ranges";
import { nestedOf, numberAt } from "../state";
import type { Cell, LayerOutline, Outline } from "../types";
import type { World } from "../world.svelte";

export const [getBatch, setBatch] = createContext<WorldBatch>();

const REST_MS = 300;
/** So many numbers of rows go out in one request. */
const AT_ONCE = 400_000;
/** Above so many inputs none has a name of its own. */
const MOST_NAMED = 4096;

/** Which row of a batch a pointer is about, from 0, as in /inputs/3/0 or /inputs/words/3/0; null where it is about none. */
export function rowOf(pointer: string): number | null {
  const row = /^\/inputs(?:\/[^/]*[^/\d][^/]*)?\/(\d+)/.exec(pointer)?.[1];
  return row === undefined ? null : Number(row);
}

/** The numbers of all outputs, one after the other, row by row: of one output as the API tells it, or of several by their names. */
export function rowsOf(outputs: unknown, count: number): Float64Array[] {
  const several = outputs !== null && typeof outputs === "object" && !Array.isArray(outputs);
  const all = (several ? Object.values(outputs) : [outputs]) as unknown[][];
  return Array.from({ length: count }, (_, k) => Float64Array.from(all.map((each) => each[k]).flat(Infinity) as number[]));
}

/** What only moves numbers: a loss looks at what comes before it. */
const MOVES = new Set(["reshape", "flatten", "unflatten", "permute", "transpose", "squeeze", "unsqueeze", "copy", "detach"]);

/** The layer that computes a tensor's numbers. */
function layerOf({ layers }: Pick<Outline, "layers">, name: string): LayerOutline | undefined {
  const layer = layers.find(({ activations }) => activations.name === name);
  return layer && MOVES.has(layer.kind) && layer.activation === "identity" && layer.takes[0] !== undefined ? layerOf({ layers: layers.slice(0, layer.index) }, layer.takes[0]) : layer;
}

/** The outputs of the network on the page, by what they are computed and what their classes are called. */
function endingsOf({ outline, tensors, preset }: World): Ending[] {
  const classes = preset?.class_names ?? [];
  return outline.outputs.map((name) => {
    const { shape } = tensors.get(name)!;
    const layer = layerOf(outline, name);
    const by = layer ? (layer.activation === "identity" ? layer.kind : layer.activation) : "";
    // Of two classes the probability of one may be all that is told.
    const named = classes.length === shape.at(-1) || (classes.length === 2 && sizeOf(shape) === 1);
    return { name, shape, by, classes: named ? classes : [] };
  });
}

/** Pasted inputs of a network of any kind, each in a row of all its inputs' numbers: what the rows come to is asked for when the hand rests. */
export class WorldBatch extends RowsOfInputs {
  /** Why the outputs are not told. */
  failure = $state.raw<string | null>(null);
  #outputs = $state.raw<readonly Float64Array[]>([]);
  /** What is asked for is not there yet. */
  #asking = $state(false);
  readonly expected: number;
  readonly judging: Judging;
  readonly #endings: readonly Ending[];
  readonly #starts = new Map<string, number>();

  /** `before`: the rows of the network that this one was made of, which stay where they fit it. */
  constructor(
    private readonly world: World,
    before: WorldBatch | null = null,
  ) {
    super();
    let start = 0;
    for (const { name, shape } of world.outline.inputs) {
      this.#starts.set(name, start);
      start += sizeOf(shape);
    }
    this.expected = start;
    this.#endings = endingsOf(world);
    this.judging = new Judging(() => ({ language: world.language, endings: this.#endings, beside: this.beside }));
    if (before?.expected === start) [this.rows, this.notes, this.beside, this.at] = [before.rows, before.notes, before.beside, before.at];
  }

  protected isNow(row: readonly number[]): boolean {
    const { outline, state } = this.world;
    return outline.inputs.every(({ name, shape }) => {
      const [start, numbers] = [this.#starts.get(name)!, state.tensors.get(name)];
      for (let k = 0; k < sizeOf(shape); k++) if (numberAt(numbers, k) !== row[start + k]) return false;
      return true;
    });
  }

  protected show(row: readonly number[], label: Message): void {
    const inputs = this.world.outline.inputs.map(({ name, shape }) => {
      const start = this.#starts.get(name)!;
      return [name, Float64Array.from(row.slice(start, start + sizeOf(shape)))] as const;
    });
    this.world.replace(new Map(inputs), label);
  }

  protected changed(): void {
    [this.#outputs, this.failure] = [[], null];
    this.judging.forget();
  }

  /** What the rows' numbers are called, in their order. */
  get names(): string[] {
    if (this.expected > MOST_NAMED) return Array.from({ length: this.expected }, (_, k) => String(k + 1));
    return this.world.outline.inputs.flatMap(({ name, shape }) => Array.from({ length: sizeOf(shape) }, (_, k) => this.world.nameOf({ tensor: name, at: indexOf(k, shape) })));
  }

  /** What a file of numbers has to hold. */
  get wanted(): WantedInputs {
    const { inputs } = this.world.outline;
    const [first] = inputs;
    const targets = countsOf(this.#endings);
    if (!first || inputs.length > 1) return { shape: [this.expected], top: 1, targets };
    const [low, high] = rangeOf(this.world, first.name);
    return { shape: first.shape, top: low === 0 ? high : 1, targets };
  }

  /** Which number of a row is a cell's. */
  columnOf({ tensor, at }: Cell): number {
    return this.#starts.get(tensor)! + flatOf(at, this.world.tensors.get(tensor)!.shape);
  }

  /** Whether the outputs are those of earlier parameters. */
  get past(): boolean {
    return this.world.wire.stale || this.#asking;
  }

  outputs(index: number): Float64Array | undefined {
    return this.#outputs[index];
  }

  /** Follows the parameters: what the rows come to is asked for when the hand rests. For as long as the effect that calls it stands. */
  follow(): void {
    const { world } = this;
    const kept = $derived([...world.latest.tensors].filter(([name]) => !world.isInput(name)).map(([, numbers]) => numbers));
    /** Asked again when the server is back. */
    const lost = $derived(world.wire.connection === "lost");
    let before: readonly unknown[] = [];
    let version = $state(0);
    $effect(() => {
      const now = [world.outline, ...kept];
      if (now.length === before.length && now.every((each, k) => each === before[k])) return;
      before = now;
      untrack(() => version++);
    });
    $effect(() => {
      void version;
      const [{ rows, fits }, judged] = [this, this.judging.now];
      if (rows.length === 0 || !fits || lost) return undefined;
      this.#asking = true;
      const ends = { ended: false };
      const timer = setTimeout(() => void this.#ask(rows, judged, ends), untrack(() => this.#outputs.length) > 0 ? REST_MS : 0);
      return () => {
        ends.ended = true;
        clearTimeout(timer);
      };
    });
  }

  async #ask(rows: readonly (readonly number[])[], judged: Judged | null, ends: { ended: boolean }): Promise<void> {
    const { world } = this;
    let each = Math.max(1, Math.floor(AT_ONCE / this.expected));
    let first = 0;
    try {
      const network = await idNow(world, world.latest);
      const found: Float64Array[] = [];
      let losses: Losses | null = null;
      while (first < rows.length) {
        const part = rows.slice(first, first + each);
        const asked = { network, inputs: this.#document(part) };
        const answer = judged
          ? await post("/api/v1/loss", { ...asked, ...this.judging.asked(judged, nestedOf, first, part.length) }, world.language)
          : await post("/api/v1/forward", { ...asked, return: "outputs" }, world.language);
        const { outputs, ...told } = withNonFinite((await answer.json()) as { outputs: unknown } & LossDocument);
        if (ends.ended) return;
        if (told.non_finite_omitted && part.length > 1) {
          // Of fewer rows all are listed.
          each = Math.ceil(part.length / 2);
          continue;
        }
        if (judged) losses = withMore(losses, told);
        found.push(...rowsOf(outputs, part.length));
        this.#outputs = [...found, ...this.#outputs.slice(found.length)];
        first += part.length;
      }
      [this.judging.losses, this.failure, this.#asking] = [losses, null, false];
    } catch (error) {
      if (ends.ended) return;
      const [reason, row] = [reasonOf(error, world.t), error instanceof Refused ? rowOf(error.pointer) : null];
      this.failure = row === null ? reason : world.t("world.batch-refused", { row: first + row + 1, reason });
    }
  }

  /** Rows as the API takes a batch. */
  #document(rows: readonly (readonly number[])[]): unknown {
    const { inputs } = this.world.outline;
    const of = ({ name, shape }: (typeof inputs)[number]): unknown => {
      const start = this.#starts.get(name)!;
      return rows.map((row) => nestedOf(row.slice(start, start + sizeOf(shape)), shape));
    };
    if (inputs.length === 1 && inputs[0]!.name === "inputs") return of(inputs[0]!);
    return Object.fromEntries(inputs.map((input) => [input.name.replace(/^inputs\./, ""), of(input)]));
  }
}
