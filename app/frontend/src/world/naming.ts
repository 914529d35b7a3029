import { vocabularyOf } from "./starting";
import type { Cell, LayerOutline, Outline, TensorOutline } from "./types";

/** Which layer a tensor is of, and what names a network brings along for its outputs and words. */
export class Naming {
  readonly #layers = new Map<string, LayerOutline>();

  constructor(
    private readonly outline: Outline,
    private readonly tensors: ReadonlyMap<string, TensorOutline>,
    /** What the outputs are called, or the words of its vocabulary. */
    private readonly classes: readonly string[],
  ) {
    for (const layer of outline.layers) {
      for (const tensor of [layer.activations, layer.preActivations, ...layer.parameters]) if (tensor) this.#layers.set(tensor.name, layer);
    }
  }

  /** The layer that gives a tensor, or whose parameter it is; null for an input. */
  layerOf(tensor: string): LayerOutline | null {
    return this.#layers.get(tensor) ?? null;
  }

  /** What a cell itself is called: a class, or the token that stands there, by its `value`; null where it has no name of its own. */
  own({ tensor, at }: Cell, value: () => number | undefined): string | null {
    const found = this.tensors.get(tensor);
    if (this.classes.length === 0 || !found) return null;
    if (this.outline.outputs.includes(tensor)) return found.shape.at(-1) === this.classes.length ? (this.classes[at.at(-1)!] ?? null) : null;
    if (this.layerOf(tensor) !== null || vocabularyOf(found, this.outline.layers) !== this.classes.length) return null;
    return this.classes[value() ?? -1] ?? null;
  }
}
