import { addInput, addLayer, addNeuron, moveLayer, removeInput, removeLayer, removeNeuron, sizesOf, withNumbers, zeros, type Next } from "../model/structure";
import type { Message, StudioState } from "../model/types";
import { drawNetwork, withDraws } from "./draws";
import { reasonOf } from "./reach";
import { afterLayers, afterNeuronRemoved, type Part } from "./selection";
import type { Studio } from "./studio.svelte";
import { layerTitle } from "./titles";

export const MOST_NEURONS = 64;
export const MOST_LAYERS = 16;

/** What new numbers are: the next seed's draws, or ones that change nothing yet (zeros; the identity for a layer). */
export type NewNumbers = "drawn" | "neutral";

/**
 * Changes of the network's shape, one after the other. Layers count as in the diagram: 0 is the inputs.
 * Numbers that have to be drawn come from the server; where it does not answer, nothing changes and the page says so.
 */
export class Building {
  newNumbers = $state<NewNumbers>("drawn");
  #queue: Promise<void> = Promise.resolve();

  constructor(private readonly studio: Studio) {}

  /** A neuron, or for layer 0 an input, at the end of a layer. It is selected. */
  addNeuron(layer: number): Promise<void> {
    const full = (state: StudioState): boolean => sizesOf(state)[layer]! >= MOST_NEURONS;
    const step = (state: StudioState, next: Next): StudioState =>
      layer === 0 ? addInput(state, next) : addNeuron(state, layer - 1, next);
    return this.#step(step, (after) => ({
      label: this.#label("studio.did-add-neuron", layer),
      selection: { kind: "neuron", layer, neuron: sizesOf(after)[layer]! - 1 },
    }), (state) => (full(state) ? this.studio.t("studio.most-neurons", { count: String(MOST_NEURONS) }) : null));
  }

  removeNeuron(layer: number, neuron: number): Promise<void> {
    const name = this.studio.names[layer]![neuron]!;
    const step = (state: StudioState): StudioState =>
      layer === 0 ? removeInput(state, neuron) : removeNeuron(state, layer - 1, neuron);
    return this.#step(step, () => ({
      label: { key: "studio.did-remove-neuron", values: { name } },
      selection: afterNeuronRemoved(this.studio.selection, layer, neuron) ?? { kind: "neuron", layer, neuron: Math.max(0, neuron - 1) },
    }), (state) => (sizesOf(state)[layer]! <= 1 ? this.studio.t("studio.last-neuron", { name }) : null));
  }

  /** A layer after this one, as wide as it. Its first neuron is selected. */
  addLayer(after: number): Promise<void> {
    const { studio } = this;
    const neutral = this.newNumbers === "neutral";
    const activation = studio.layers[Math.min(after, studio.layers.length - 1)]!.activation;
    return this.#step(
      (state, next) => addLayer(state, after, neutral ? "identity" : next, activation),
      () => ({
        label: { key: neutral ? "studio.did-add-identity" : "studio.did-add-layer", values: { layer: layerTitle(after, studio.layers.length) } },
        selection: { kind: "neuron", layer: after + 1, neuron: 0 },
      }),
      ({ layers }) => (layers.length >= MOST_LAYERS ? studio.t("studio.most-layers", { count: String(MOST_LAYERS) }) : null),
    );
  }

  removeLayer(layer: number): Promise<void> {
    return this.#step(
      (state, next) => removeLayer(state, layer - 1, next),
      () => ({
        label: this.#label("studio.did-remove-layer", layer),
        selection: afterLayers(this.studio.selection, layer, -1) ?? { kind: "neuron", layer: Math.max(1, layer - 1), neuron: 0 },
      }),
    );
  }

  /** Exchanges a layer with the one before (−1) or after it (+1). */
  moveLayer(layer: number, direction: 1 | -1): Promise<void> {
    const first = direction === 1 ? layer : layer - 1;
    return this.#step(
      (state, next) => moveLayer(state, first - 1, next),
      () => ({ label: this.#label("studio.did-move-layer", layer), selection: { kind: "neuron", layer: layer + direction, neuron: 0 } }),
    );
  }

  /** Draws every weight and bias from a seed; with `inputs`, features too, in the notebook's order. */
  randomise(seed: number, inputs: boolean): Promise<void> {
    return this.#queued(async () => {
      const { studio } = this;
      const drawn = await drawNetwork(studio.sizes, seed, inputs, studio.language);
      if (String(drawn.layers.map(({ biases }) => biases.length)) !== String(studio.sizes.slice(1))) return;
      const next = withNumbers(studio.latest, drawn.layers, seed);
      const label: Message = { key: "studio.did-draw", values: { seed: String(seed) } };
      studio.commit(drawn.inputs ? { ...next, inputs: drawn.inputs } : next, label, { opened: true });
    });
  }

  #label(key: string, layer: number): Message {
    return { key, values: { layer: layerTitle(layer, this.studio.layers.length) } };
  }

  /**
   * Takes a step when the ones before it are done. What it needs of new numbers comes from the seed after the last.
   * `refusal` says why the network as it is then does not allow it; null where it does.
   */
  #step(
    step: (state: StudioState, next: Next) => StudioState,
    told: (after: StudioState) => { label: Message; selection: Part },
    refusal: (state: StudioState) => string | null = () => null,
  ): Promise<void> {
    return this.#queued(async () => {
      const { studio } = this;
      const reason = refusal(studio.latest);
      if (reason !== null) {
        studio.notice = reason;
        return;
      }
      const seed = studio.latest.seed + 1;
      let drew = false;
      const drawing = (next: Next): StudioState =>
        step(studio.latest, () => {
          drew = true;
          return next();
        });
      const after = this.newNumbers === "neutral" ? step(studio.latest, zeros) : await withDraws(drawing, seed, studio.language);
      const { label, selection } = told(after);
      studio.commit(drew ? { ...after, seed } : after, label, { selection });
    });
  }

  #queued(work: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(work).catch((error: unknown) => {
      const reason = reasonOf(error, this.studio.t);
      this.studio.problem = this.studio.t("studio.build-failed", { reason });
    });
    return this.#queue;
  }
}
