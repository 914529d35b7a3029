import { createContext } from "svelte";

import { LiveSession, type Connection } from "../live/session";
import type { Pass } from "../live/frames";
import type { Change, Opening, ProblemDocument, Watch } from "../live/protocol";
import { setActivation, setBias, setInput, setWeight } from "../model/edits";
import { formatNumber } from "../model/numbers";
import type { StudioState } from "../model/types";
import { translator, type Translate } from "../text/messages";
import { biasSymbol, lowered, printed, weightSymbol } from "../text/symbols";
import { fetchPreset, passOfTrace, stateOfPreset, type StudioData } from "./data";
import { neuronNames } from "./names";
import { exists, firstSelection, neuronOf, type Part } from "./selection";

/** What the status line says of the last change: its name, and its value and the first output's before it began. */
export interface LastChange {
  target: string;
  label: string;
  before: number | null;
  after: number | null;
  outputBefore: number | null;
}

const SAME_GESTURE_MS = 900;
const SLOW_MS = 300;

export const [getStudio, setStudio] = createContext<Studio>();

/** The learner's network, what is selected, and the server's newest pass over it. */
export class Studio {
  readonly language: string;
  readonly t: Translate;
  readonly presets: StudioData["presets"];
  readonly activationDocuments: StudioData["activations"];
  digits = 4;

  state = $state.raw() as StudioState;
  pass = $state.raw<Pass | null>(null);
  selection = $state.raw<Part | null>(null);
  pointed = $state.raw<Part | null>(null);
  connection = $state<Connection>("connecting");
  device = $state("");
  milliseconds = $state<number | null>(null);
  slow = $state(false);
  problem = $state.raw<string | null>(null);
  lastChange = $state.raw<LastChange | null>(null);
  touched = $state(false);

  readonly layers = $derived(this.state.layers);
  readonly sizes = $derived([this.state.inputs.length, ...this.layers.map((layer) => layer.biases.length)]);
  readonly names = $derived(neuronNames(this.state));
  /** The server's numbers by layer, inputs first; undefined until they are known. */
  readonly activations = $derived(this.#arrays("inputs", "activations"));
  readonly preActivations = $derived(this.#arrays(null, "pre_activations"));
  /** The numbers on screen belong to earlier values: no server, or a slow one. */
  readonly stale = $derived(this.connection === "lost" || this.slow);

  #origin: StudioState;
  #session: LiveSession;
  #changedAt = -Infinity;
  #slowTimer: number | undefined;

  constructor(data: StudioData, left: StudioState | null) {
    this.language = data.language;
    this.t = translator(data.messages);
    this.presets = data.presets;
    this.activationDocuments = data.activations;
    this.#origin = stateOfPreset(data.preset);
    this.state = left ?? this.#origin;
    this.pass = left ? null : passOfTrace(data.trace, data.preset.inputs);
    this.device = data.trace.device;
    this.selection = firstSelection(this.sizes);
    this.#session = new LiveSession({
      opening: () => this.#opening(),
      onPass: (pass, milliseconds) => this.#passed(pass, milliseconds),
      onConnection: (connection) => {
        this.connection = connection;
        if (connection === "lost") this.#waitNoLonger();
      },
      onDevice: (device) => (this.device = device),
      onProblem: (problem) => this.#refused(problem),
    });
  }

  /** Goes live. Returns what ends it. */
  start(): () => void {
    const retry = () => this.#session.retry();
    this.#session.start();
    this.#session.watch(this.#watched());
    window.addEventListener("online", retry);
    return () => {
      window.removeEventListener("online", retry);
      this.#session.stop();
    };
  }

  // ---- what the learner does ----

  setInput(index: number, value: number): void {
    const before = this.state.inputs[index]!;
    this.#edit(setInput(this.state, index, value), { input: index, value });
    this.#tell(`i${index}`, lowered(this.state.inputNames[index]!), before, value);
  }

  /** `layer` counts from 1 here, as everywhere in the diagram; the model and the server count layers from 0. */
  setWeight(layer: number, from: number, to: number, value: number): void {
    const before = this.weight(layer, from, to);
    this.#edit(setWeight(this.state, layer - 1, from, to, value), { layer: layer - 1, weight: [from, to], value });
    this.#tell(`w${layer}.${from}.${to}`, printed(weightSymbol(from, to)), before, value);
  }

  setBias(layer: number, neuron: number, value: number): void {
    const before = this.bias(layer, neuron);
    this.#edit(setBias(this.state, layer - 1, neuron, value), { layer: layer - 1, bias: neuron, value });
    this.#tell(`b${layer}.${neuron}`, printed(biasSymbol(neuron)), before, value);
  }

  setActivation(layer: number, activation: string): void {
    this.#edit(setActivation(this.state, layer - 1, activation), { layer: layer - 1, activation });
    this.#tell(`a${layer}`, `${this.layers[layer - 1]!.name}: ${activation}`, null, null);
  }

  async openPreset(name: string): Promise<void> {
    try {
      this.#origin = stateOfPreset(await fetchPreset(name, this.language));
    } catch (error) {
      this.problem = this.t("studio.preset-failed", { reason: error instanceof Error ? error.message : String(error) });
      return;
    }
    this.replace(this.#origin);
    const address = new URL(location.href);
    address.searchParams.set("preset", name);
    history.replaceState(null, "", address);
  }

  /** Shows another network; every shape may differ. */
  replace(state: StudioState): void {
    this.state = state;
    this.pass = null;
    this.problem = null;
    this.lastChange = null;
    if (!this.selection || !exists(this.selection, this.sizes)) this.selection = firstSelection(this.sizes);
    this.#session.reopen(this.#watched());
  }

  select(part: Part | null): void {
    this.selection = part;
    this.#session.watch(this.#watched());
  }

  /** The value that a number had when the network was opened; its own where the shape is another by now. */
  original(part: Part): number {
    const origin = this.#origin;
    if (part.kind === "edge") {
      return origin.layers[part.layer - 1]?.weights[part.from]?.[part.to] ?? this.weight(part.layer, part.from, part.to);
    }
    if (part.kind === "bias") return origin.layers[part.layer - 1]?.biases[part.neuron] ?? this.bias(part.layer, part.neuron);
    return origin.inputs[part.neuron] ?? this.state.inputs[part.neuron]!;
  }

  // ---- what the page reads ----

  weight(layer: number, from: number, to: number): number {
    return this.layers[layer - 1]!.weights[from]![to]!;
  }

  bias(layer: number, neuron: number): number {
    return this.layers[layer - 1]!.biases[neuron]!;
  }

  /** A number as the page prints it; a place holder of the same width where it is not known. */
  number(value: number | undefined | null, digits = this.digits): string {
    if (value === undefined || value === null || Number.isNaN(value)) return "·".repeat(digits + 3);
    return formatNumber(value, { digits, language: this.language });
  }

  /** A number to be centred: its digits stand in the middle, with or without a minus. */
  centred(value: number | undefined | null, digits = this.digits): string {
    return `${this.number(value, digits)}\u2007`;
  }

  /** A number within a line of text, without the room for a minus before it. */
  inline(value: number | undefined | null, digits = this.digits): string {
    return this.number(value, digits).replace(/^\u2007/, "");
  }

  /** The terms x·w of a neuron's sum, from the server; undefined until they are known. */
  contributions(layer: number, neuron: number): Float32Array | undefined {
    return this.pass?.arrays.get(`explain.${layer - 1}.${neuron}.contributions`);
  }

  // ---- between the two ----

  #arrays(inputs: string | null, kind: string): (Float32Array | undefined)[] {
    const arrays = this.pass?.arrays;
    const first = inputs === null ? undefined : arrays?.get(inputs);
    return [first, ...this.layers.map((_, k) => arrays?.get(`layers.${k}.${kind}`))];
  }

  #opening(): Opening {
    return {
      layers: this.layers.map(({ name, weights, biases, activation }) => ({ name, weights, biases, activation })),
      inputs: this.state.inputs,
    };
  }

  #edit(state: StudioState, change: Change): void {
    this.state = state;
    this.touched = true;
    this.problem = null;
    this.#session.change(change);
    this.#slowTimer ??= window.setTimeout(() => (this.slow = this.connection === "live"), SLOW_MS);
  }

  #tell(target: string, label: string, before: number | null, after: number | null): void {
    const now = performance.now();
    const last = this.lastChange;
    const going = last?.target === target && now - this.#changedAt < SAME_GESTURE_MS;
    this.#changedAt = now;
    this.lastChange = going
      ? { ...last, after }
      : { target, label, before, after, outputBefore: this.activations.at(-1)?.[0] ?? null };
  }

  #passed(pass: Pass, milliseconds: number | null): void {
    this.pass = pass;
    if (milliseconds !== null) this.milliseconds = milliseconds;
    this.#waitNoLonger();
  }

  #waitNoLonger(): void {
    window.clearTimeout(this.#slowTimer);
    this.#slowTimer = undefined;
    this.slow = false;
  }

  #refused(problem: ProblemDocument): void {
    this.#waitNoLonger();
    this.problem = problem.errors?.[0]?.detail ?? problem.detail ?? problem.title;
  }

  /** What the server explains beside the trace: the sum of the selected neuron. */
  #watched(): Watch[] {
    if (!this.selection) return [];
    const { layer, neuron } = neuronOf(this.selection);
    return layer > 0 ? [{ kind: "explain", layer: layer - 1, neuron }] : [];
  }
}
