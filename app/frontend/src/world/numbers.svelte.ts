import type { Pass } from "../live/frames";
import { flatOf } from "./cells";
import type { Standing } from "./place";
import { numberAt, type WorldState } from "./state";
import type { Cell, TensorOutline } from "./types";
import { numberName, shownName } from "./watching";

/** What the numbers are read from. */
interface Given {
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  readonly state: WorldState;
  readonly pass: Pass | null;
  readonly newest: Pass | null;
  readonly playback: {
    cut(tensor: string, values: Float32Array | undefined): Float32Array | undefined;
    cutShown(body: Standing, values: Float32Array | undefined): Float32Array | undefined;
    rowsOf(cell: Cell, shape: readonly number[]): number;
  };
  readonly forms: { valueOf(cell: Cell): number | undefined };
}

/** The numbers that are on screen: of the pass as far as playback has come, or as the learner set them. */
export class Numbers {
  /** The input that a pen draws on: only the server knows its numbers meanwhile. */
  penned = $state.raw<string | null>(null);

  constructor(private readonly given: Given) {}

  /** All numbers of a tensor of the pass, wherever playback stands; undefined where they are not known. */
  ofPass(tensor: string): Float32Array | undefined {
    const { pass } = this.given;
    return pass?.arrays.get(tensor) ?? pass?.arrays.get(`tensor.${shownName(tensor)}`);
  }

  /** The same in their order, as far as playback has come. */
  values(tensor: string): Float32Array | undefined {
    return this.given.playback.cut(tensor, this.ofPass(tensor));
  }

  /** The same, but undefined until playback has come to the last of them: for what is said of all together. */
  complete(tensor: string): Float32Array | undefined {
    const [values, all] = [this.values(tensor), this.ofPass(tensor)];
    return values?.length === all?.length ? values : undefined;
  }

  /** The numbers that a body shows: all of its tensor, or of its blocks. */
  shown(body: Standing): Float32Array | undefined {
    const { tensor, plan } = body;
    if (plan.by === null && plan.region === null) return this.values(tensor.name);
    return this.given.playback.cutShown(body, this.given.pass?.arrays.get(`tensor.${shownName(tensor.name, plan)}`));
  }

  /** Whether the newest pass tells what a body shows. */
  areTold({ tensor, plan }: Standing): boolean {
    const arrays = this.given.newest?.arrays;
    const isAll = plan.by === null && plan.region === null;
    return arrays !== undefined && (arrays.has(`tensor.${shownName(tensor.name, plan)}`) || (isAll && arrays.has(tensor.name)));
  }

  /** One number of the pass, or of what the learner changed; undefined where it is not known. */
  value(cell: Cell): number | undefined {
    const { tensors, playback, state, forms, pass } = this.given;
    const tensor = tensors.get(cell.tensor);
    if (!tensor || playback.rowsOf(cell, tensor.shape) !== Infinity) return undefined;
    const flat = flatOf(cell.at, tensor.shape);
    const known = this.values(cell.tensor)?.[flat] ?? numberAt(state.tensors.get(cell.tensor), flat);
    return known ?? forms.valueOf(cell) ?? pass?.arrays.get(`tensor.${numberName(cell)}`)?.[0];
  }

  /** A number that the learner may set, as she set it: also before the pass with it is there, whose number is `told`. */
  held(cell: Cell, told: number): number {
    if (this.penned === cell.tensor) return told;
    const { state, tensors } = this.given;
    return numberAt(state.tensors.get(cell.tensor), flatOf(cell.at, tensors.get(cell.tensor)!.shape)) ?? told;
  }
}
