import { current, movedTo, origin, recorded, type Entry, type History, type Recording } from "../model/history";
import { layerIn } from "../model/numbering";
import { sizesOf } from "../model/sizes";
import type { Layer, Message, StudioState } from "../model/types";
import { neuronNames } from "./names";
import { inputRange } from "./ranges";
import type { Part } from "./selection";
import { sameItems, steadily } from "./steady";

const OPENED_PRESET = "studio.did-open";
export const openedPreset = (preset: string): Message => ({ key: OPENED_PRESET, values: { name: { preset } } });

/** How a network was opened, whatever resets came after. */
export const openingLabel = (label: Message): Message =>
  typeof label.values["what"] === "object" ? (label.values["what"] as Message) : label;

/** The learner's network as it is on screen, and the steps that led to it. It tells no server and asks none. */
export class Network {
  #state = $state.raw() as StudioState;
  /** Of a move that is shown with its answer. */
  #held: StudioState | null = null;
  #history = $state.raw() as History<StudioState>;

  // Set with each state, and not derived from it: all that reads a derived is looked at again with every new state, and a moved input
  // changes no layer, a moved number no size and no name.
  layers = $state.raw<Layer[]>([]);
  sizes = $state.raw<number[]>([]);
  names = $state.raw<string[][]>([]);
  inputs = $state.raw<number[]>([]);
  /** The ends of each input's slider. */
  ranges = $state.raw<[number, number][]>([]);
  /** The preset that its shapes come from. */
  preset = $state.raw<string | null>(null);
  #steadySizes = steadily<number>();
  #steadyNames = steadily<string[]>(sameItems);
  #steadyRanges = steadily<[number, number]>(sameItems);
  /** The step by which the network was opened or drawn: a preset, a file, a link. */
  opening = $state.raw() as Entry<StudioState>;
  /** Whether anything was changed since. */
  edited = $state(false);

  /** How many neurons there are, inputs among them. */
  readonly count = $derived(this.sizes.reduce((sum, size) => sum + size, 0));

  constructor(history: History<StudioState>) {
    this.#remember(history);
    this.stand(current(history).state);
  }

  get history(): History<StudioState> {
    return this.#history;
  }

  #remember(history: History<StudioState>): void {
    this.#history = history;
    this.opening = origin(history);
    this.edited = current(history).state !== this.opening.state;
  }

  /** As it is shown. */
  get state(): StudioState {
    return this.#state;
  }

  /** The newest, also while a move of the hand waits for its answer: what the next step is made from. */
  get latest(): StudioState {
    return this.#held ?? this.#state;
  }

  /** Another state, to be shown later. */
  hold(state: StudioState): void {
    this.#held = state;
  }

  /** Shows another state. Returns whether its shape is another too. */
  stand(state: StudioState): boolean {
    const { sizes } = this;
    this.#held = null;
    this.#state = state;
    this.layers = state.layers;
    this.sizes = this.#steadySizes(sizesOf(state));
    this.names = this.#steadyNames(neuronNames(state));
    this.inputs = state.inputs;
    this.ranges = this.#steadyRanges(state.inputs.map((value, i) => inputRange(state.inputRanges[i], value)));
    this.preset = state.preset;
    return sizes !== this.sizes;
  }

  /** Writes a step into the history. Returns its entry: of one gesture's steps there is one. */
  record(state: StudioState, label: Message, how: Recording<StudioState> = {}): Entry<StudioState> {
    this.#remember(recorded(this.history, state, label, how));
    return current(this.history);
  }

  /** Makes another step of the history the current one. */
  goTo(at: number): StudioState {
    this.#remember(movedTo(this.history, at));
    return current(this.history).state;
  }

  /** The preset on screen, with its own numbers; null for any other network. */
  get pristinePreset(): string | null {
    return this.edited || openingLabel(this.opening.label).key !== OPENED_PRESET ? null : this.preset;
  }

  /** A layer by the diagram's number; undefined for the inputs. */
  layer(layer: number): Layer | undefined {
    return layerIn(this.layers, layer);
  }

  weight(layer: number, from: number, to: number): number {
    return this.layer(layer)!.weights[from]![to]!;
  }

  bias(layer: number, neuron: number): number {
    return this.layer(layer)!.biases[neuron]!;
  }

  /** The value that a number had when the network was opened; its own where the shape is another by now. */
  original(part: Part): number {
    const { state } = this.opening;
    const layers = state.layers.length === this.layers.length ? state.layers : [];
    if (part.kind === "edge") {
      return layerIn(layers, part.layer)?.weights[part.from]?.[part.to] ?? this.weight(part.layer, part.from, part.to);
    }
    if (part.kind === "bias") return layerIn(layers, part.layer)?.biases[part.neuron] ?? this.bias(part.layer, part.neuron);
    return state.inputs[part.neuron] ?? this.inputs[part.neuron]!;
  }
}
