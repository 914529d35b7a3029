import { createContext } from "svelte";

import { Comparison } from "../compare/comparison.svelte";
import { Gestures } from "../history/gestures";
import { refusalOf } from "../live/refusal";
import { browserSurroundings, LiveSession, type Connection } from "../live/session";
import type { Pass } from "../live/frames";
import type { Change, Opening, ProblemDocument, Watch } from "../live/protocol";
import { setActivation, setBias, setInput, setWeight } from "../model/edits";
import { begun, current, movedTo, origin, recorded, type Entry, type History, type Recording } from "../model/history";
import { rename } from "../model/naming";
import { computeAlike, sizesOf } from "../model/structure";
import type { Layer, Message, StudioState } from "../model/types";
import { Playback } from "../playback/playback.svelte";
import { Keeper } from "../share/keeper.svelte";
import type { Scene } from "../share/scene";
import { keptAs } from "../share/stored";
import { View } from "../show/view.svelte";
import { translator, type Translate } from "../text/messages";
import { LayerSymbols, lowered, plain, printed, type Symbol } from "../text/symbols";
import { Building } from "./building.svelte";
import { fetchPreset, passOfTrace, stateOfPreset, type StudioData } from "./data";
import { neuronNames } from "./names";
import { Pace } from "./pace";
import { Print } from "./print";
import { reasonOf } from "./reach";
import { exists, firstSelection, neuronOf, samePart, type Part } from "./selection";
import { sameItems, steadily } from "./steady";
import { layerTitle } from "./titles";

/**
 * What the status line says of the last change: its words, and the first output's value before it began. `counts`: whether it was of
 * what the network computes; a name is not.
 */
export interface LastChange {
  gesture: string;
  label: Message;
  counts: boolean;
  outputBefore: number | null;
}

/** How a step is taken: `target` joins the changes of one gesture; `change` is what the server is told, where no shape
 *  changes; null where it has nothing to learn; left out, the network is opened anew. */
export interface Step {
  target?: string;
  change?: Change | null;
  selection?: Part | null;
  /** Another network, and not a change of this one: resets lead back to here. */
  opened?: boolean;
  /** What is pinned beside it from now on; left out, what was. */
  pinned?: StudioState | null;
}

const SLOW_MS = 300;

const OPENED_PRESET = "studio.did-open";
const openedPreset = (preset: string): Message => ({ key: OPENED_PRESET, values: { name: { preset } } });

/**
 * A scene that was there before the page was: in its address, or kept by the browser. `key`: how the history says so, where
 * it is not the scene's own history that goes on.
 */
export interface Arrival {
  scene: Scene;
  key: string;
  history?: History<StudioState>;
}

/** How a network was opened, whatever resets came after. */
const openingLabel = (label: Message): Message => (typeof label.values["what"] === "object" ? (label.values["what"] as Message) : label);

export const [getStudio, setStudio] = createContext<Studio>();

/** The learner's network, what was done to it, what is selected, and the server's newest pass over it. */
export class Studio {
  readonly language: string;
  readonly t: Translate;
  readonly languages: StudioData["languages"];
  readonly courseAddress: string;
  readonly presets: StudioData["presets"];
  readonly activationDocuments: StudioData["activations"];
  readonly building: Building;
  readonly keeper: Keeper;
  readonly comparison: Comparison;
  readonly playback = new Playback(this);
  readonly view = new View(this);
  readonly print = new Print(this);
  /** In another page's frame: nothing is kept. */
  readonly embedded: boolean;
  readonly gestures = new Gestures();
  readonly pace = new Pace();

  #state = $state.raw() as StudioState;
  /** Of a move that is shown with its answer. */
  #heldState: StudioState | null = null;
  #moving = false;
  history = $state.raw() as History<StudioState>;
  /** The server's newest pass, all of it. */
  newest = $state.raw<Pass | null>(null);
  /** The newest pass as far as it is shown: during playback, what is known by then. */
  readonly pass = $derived.by(() => this.playback.shown(this.newest));
  /** What the server computes after a pass: of the newest pass, or for a moment still of the one before. */
  newestAhead = $state.raw<Pass | null>(null);
  /** The same as far as it is shown. */
  readonly ahead = $derived.by(() => this.playback.shown(this.newestAhead));
  selection = $state.raw<Part | null>(null);
  #pointed = $state.raw<Part | null>(null);
  connection = $state<Connection>("connecting");
  /** How many sockets in a row did not open, and why, where the server says it. */
  #failures = 0;
  #refusal = $state.raw<string | null>(null);
  device = $state("");
  milliseconds = $state<number | null>(null);
  slow = $state(false);
  /** How much of a large network is sent, from 0 to 1; null while none is. */
  sending = $state<number | null>(null);
  problem = $state.raw<string | null>(null);
  /** Why what was just asked for did not happen, where nothing is wrong with that. */
  notice = $state.raw<string | null>(null);
  lastChange = $state.raw<LastChange | null>(null);
  touched = $state(false);

  // States of their own and no deriveds of the state: readers of a derived are rechecked on every new state, and a moved input changes no
  // layer, a moved number no size and no name.
  layers = $state.raw<Layer[]>([]);
  sizes = $state.raw<number[]>([]);
  names = $state.raw<string[][]>([]);
  #steadySizes = steadily<number>();
  #steadyNames = steadily<string[]>(sameItems);

  /** How many neurons there are, inputs among them. */
  readonly count = $derived(this.sizes.reduce((sum, size) => sum + size, 0));
  /** The server's numbers by layer, inputs first; undefined until they are known. */
  readonly activations = $derived(this.#arrays("inputs", "activations"));
  readonly preActivations = $derived(this.#arrays(null, "pre_activations"));
  /** The numbers on screen belong to earlier values: no server, or a slow one. */
  readonly stale = $derived(this.connection === "lost" || this.slow);

  #session: LiveSession;
  #slowTimer: number | undefined;
  #alsoWatched: (() => Watch[])[] = [];

  constructor(data: StudioData, arrived: Arrival | null = null) {
    this.language = data.language;
    this.languages = data.languages;
    this.courseAddress = data.course_address;
    this.t = translator(data.messages);
    this.presets = data.presets;
    this.activationDocuments = data.activations;
    this.building = new Building(this);
    this.keeper = new Keeper(this);
    this.comparison = new Comparison(this);
    this.embedded = data.embed;
    this.history = begun(stateOfPreset(data.preset), openedPreset(data.preset.name));
    if (arrived) {
      this.history = arrived.history ?? recorded(this.history, arrived.scene.state, { key: arrived.key, values: {} }, { opened: true, pinned: arrived.scene.pinned });
    }
    this.#stand(arrived?.scene.state ?? current(this.history).state);
    this.newest = arrived ? null : passOfTrace(data.trace, data.preset.inputs);
    this.device = data.trace.device;
    this.selection = arrived ? arrived.scene.selection : firstSelection(this.sizes);
    this.#session = new LiveSession(
      {
        opening: () => this.#opening(),
        onPass: (pass, milliseconds) => this.#passed(pass, milliseconds),
        onLater: (ahead) => (this.newestAhead = ahead),
        onConnection: (connection) => this.#connected(connection),
        onDevice: (device) => (this.device = device),
        onProblem: (problem) => this.#refused(problem),
        onSending: (share) => (this.sending = share),
      },
      { ...browserSurroundings(), nextFrame: (callback) => this.pace.nextFrame(callback) },
    );
  }

  /** Goes live. Returns what ends it. */
  start(): () => void {
    const ends = new AbortController();
    const endKeeping = this.keeper.start();
    const { signal } = ends;
    this.#session.start();
    this.#session.watch(this.#watched());
    if (!this.embedded) this.comparison.follow();
    window.addEventListener("online", () => this.#session.retry(), { signal });
    window.addEventListener("pointerdown", () => this.gestures.press(), { signal, capture: true });
    // Whatever is done next stands on what is on screen.
    for (const type of ["pointerdown", "keydown", "input", "wheel", "click"] as const) {
      window.addEventListener(type, () => this.pace.settle(), { signal, capture: true, passive: true });
    }
    for (const end of ["pointerup", "pointercancel"] as const) {
      window.addEventListener(end, () => (this.pace.settle(), this.gestures.release()), { signal, capture: true });
    }
    return () => {
      ends.abort();
      endKeeping();
      this.#session.stop();
    };
  }

  /** A move of the hand: what it changes is shown with the server's answer, where that comes at once. */
  move(change: () => void): void {
    this.#moving = true;
    try {
      change();
    } finally {
      this.#moving = false;
    }
  }

  /** The same for a pointer, which may move more often than frames are painted. */
  follow(change: () => void): void {
    if (this.#session.free) this.move(change);
    else this.pace.moveLater(() => this.move(change));
  }

  // ---- what the learner does; `layer` counts from 1, as in the diagram: the model and the server count from 0 ----

  setInput(index: number, value: number): void {
    const label = this.#valueLabel(lowered(this.names[0]![index]!), this.latest.inputs[index]!, value);
    this.commit(setInput(this.latest, index, value), label, { target: `i${index}`, change: { input: index, value } });
  }

  setWeight(layer: number, from: number, to: number, value: number): void {
    const label = this.#valueLabel(printed(this.symbols(layer).weight(from, to)), this.latest.layers[layer - 1]!.weights[from]![to]!, value);
    const change = { layer: layer - 1, weight: [from, to] as [number, number], value };
    this.commit(setWeight(this.latest, layer - 1, from, to, value), label, { target: `w${layer}.${from}.${to}`, change });
  }

  setBias(layer: number, neuron: number, value: number): void {
    const label = this.#valueLabel(printed(this.symbols(layer).bias(neuron)), this.latest.layers[layer - 1]!.biases[neuron]!, value);
    const change = { layer: layer - 1, bias: neuron, value };
    this.commit(setBias(this.latest, layer - 1, neuron, value), label, { target: `b${layer}.${neuron}`, change });
  }

  setActivation(layer: number, activation: string): void {
    if (activation === this.layers[layer - 1]!.activation) return;
    const values = { layer: layerTitle(layer, this.layers.length), name: activation };
    const change = { layer: layer - 1, activation };
    this.commit(setActivation(this.latest, layer - 1, activation), { key: "studio.did-activation", values }, { change });
    this.rewatch();
  }

  rename(layer: number, neuron: number, name: string): void {
    const before = this.names[layer]![neuron]!;
    const next = rename(this.latest, layer, neuron, name);
    const after = neuronNames(next)[layer]![neuron]!;
    if (after !== before) this.commit(next, { key: "studio.did-rename", values: { old: before, name: after } }, { change: null });
  }

  async openPreset(name: string): Promise<void> {
    try {
      this.replace(stateOfPreset(await fetchPreset(name, this.language)), openedPreset(name));
    } catch (error) {
      this.problem = this.t("studio.preset-failed", { reason: reasonOf(error, this.t) });
    }
  }

  /** Shows another network; every shape may differ. */
  replace(state: StudioState, label: Message): void {
    this.commit(state, label, { selection: firstSelection(sizesOf(state)), opened: true });
  }

  /** Shows another scene: a network with what is selected in it and what is pinned beside it. */
  open({ state, selection, pinned }: Scene, label: Message): void {
    this.commit(state, label, { selection, opened: true, pinned });
  }

  /** Takes a step: into the history, onto the screen and to the server. */
  commit(state: StudioState, label: Message, { target, change, selection, opened, pinned }: Step = {}): void {
    this.pace.release();
    const gesture = target === undefined ? null : this.gestures.of(target, performance.now());
    const take = (): void => {
      this.#heldState = null;
      this.#take(state, label, { gesture, ...(opened && { opened }), ...(pinned !== undefined && { pinned }) });
      if (change === undefined) this.#show(state, selection);
      else this.#stand(state);
    };
    if (this.#moving && this.#session.free) {
      this.#heldState = state;
      this.pace.hold(take);
    } else {
      take();
    }
    if (change) this.#tellServer(change);
  }

  /** Shows a state without taking a step. */
  display(state: StudioState): void {
    this.pace.release();
    this.gestures.end();
    this.#show(state);
  }

  undo(): void {
    const { entries, at } = this.history;
    if (at > 0) this.#goTo(at - 1, { key: "studio.did-undo", values: { what: this.print.message(entries[at]!.label) } });
    else this.say("studio.nothing-to-undo");
  }

  redo(): void {
    const { entries, at } = this.history;
    const next = entries[at + 1];
    if (next) this.#goTo(at + 1, { key: "studio.did-redo", values: { what: this.print.message(next.label) } });
    else this.say("studio.nothing-to-redo");
  }

  /** Goes to a step of the history, in one go. */
  jump(to: number): void {
    const { at } = movedTo(this.history, to);
    const what = this.print.message(this.history.entries[at]!.label);
    if (at !== this.history.at) this.#goTo(at, { key: "studio.did-jump", values: { number: String(at), what } });
  }

  /** Says why something did not happen, until something does. */
  say(key: string, values: Record<string, string> = {}): void {
    this.notice = this.t(key, values);
  }

  select(part: Part | null): void {
    this.selection = part;
    this.rewatch();
  }

  /** Has the server tell more beside the trace: what `watches` gives whenever it is asked, for the state as it is then. */
  alsoWatch(watches: () => Watch[]): void {
    this.#alsoWatched.push(watches);
  }

  /** Tells the server what to watch, after it changed. */
  rewatch(): void {
    this.#session.watch(this.#watched());
  }

  /** The step by which the network was opened or drawn: a preset, a file, a link. */
  get opening(): Entry<StudioState> {
    return origin(this.history);
  }

  /** Whether anything was changed since. */
  get edited(): boolean {
    return current(this.history).state !== this.opening.state;
  }

  /** The preset on screen, with its own numbers; null for any other network. */
  get pristinePreset(): string | null {
    return this.edited || openingLabel(this.opening.label).key !== OPENED_PRESET ? null : this.state.preset;
  }

  /** Back to the network as it was opened, as a step that can be undone. */
  reset(): void {
    const { state, label } = this.opening;
    this.replace(state, { key: "studio.did-reset", values: { what: openingLabel(label) } });
  }

  /** The value that a number had when the network was opened; its own where the shape is another by now. */
  original(part: Part): number {
    const { state } = this.opening;
    const layers = state.layers.length === this.layers.length ? state.layers : [];
    if (part.kind === "edge") {
      return layers[part.layer - 1]?.weights[part.from]?.[part.to] ?? this.weight(part.layer, part.from, part.to);
    }
    if (part.kind === "bias") return layers[part.layer - 1]?.biases[part.neuron] ?? this.bias(part.layer, part.neuron);
    return state.inputs[part.neuron] ?? this.state.inputs[part.neuron]!;
  }

  // ---- what the page reads ----

  /** The learner's network as it is shown. */
  get state(): StudioState {
    return this.#state;
  }

  /** The newest network, also while a move of the hand waits for its answer: what the next step is made from. */
  get latest(): StudioState {
    return this.#heldState ?? this.#state;
  }

  get pointed(): Part | null {
    return this.#pointed;
  }

  /** What is wrong, in words; null while nothing is. */
  get trouble(): string | null {
    return this.problem ?? (this.connection === "lost" ? (this.#refusal ?? this.t("studio.lost")) : null);
  }

  /** Whether the first input is still offered to the hand. */
  get inviting(): boolean {
    return !this.touched;
  }

  /** Whether the inputs are held where they are. */
  get inputsHeld(): boolean {
    return false;
  }

  /** A pointer that moves within one part changes nothing. */
  set pointed(part: Part | null) {
    if (!samePart(part, this.#pointed)) this.#pointed = part;
  }

  weight(layer: number, from: number, to: number): number {
    return this.layers[layer - 1]!.weights[from]![to]!;
  }

  bias(layer: number, neuron: number): number {
    return this.layers[layer - 1]!.biases[neuron]!;
  }

  /** Digits after the decimal mark, wherever a number is printed. */
  get digits(): number {
    return this.view.choice.digits;
  }

  /** What an input is measured in, as the preset says; "" for a bare number, and in a network of the learner's own. */
  unit(input: number): string {
    return this.presets.find(({ name }) => name === this.state.preset)?.input_units[input] ?? "";
  }

  /** What the weights, biases and sums of a layer are called. */
  symbols(layer: number): LayerSymbols {
    return new LayerSymbols(this.sizes.length > 2 ? String(layer) : "");
  }

  /** A weight, bias or sum as it is spoken: w11 of layer 2. */
  spokenSymbol(symbol: Symbol): string {
    return symbol.layer ? this.t("studio.of-layer", { name: plain(symbol), layer: symbol.layer }) : plain(symbol);
  }

  layerTitle(layer: number): string {
    return this.print.message(layerTitle(layer, this.sizes.length - 1));
  }

  /** Whether an activation takes one sum at a time; softmax takes those of the whole layer. */
  isElementwise(activation: string): boolean {
    return this.activationDocuments.find(({ name }) => name === activation)?.elementwise ?? true;
  }

  /** The terms x·w of a neuron's sum, from the server; undefined until they are known. */
  contributions(layer: number, neuron: number): Float32Array | undefined {
    return this.pass?.arrays.get(`explain.${layer - 1}.${neuron}.contributions`);
  }

  // ---- between the two ----

  #arrays(inputs: string | null, kind: string): (Float32Array | undefined)[] {
    const arrays = this.pass?.arrays;
    const first = inputs === null ? undefined : arrays?.get(inputs);
    return [first, ...this.sizes.slice(1).map((_, k) => arrays?.get(`layers.${k}.${kind}`))];
  }

  #opening(): Opening {
    const { layers, inputs } = this.latest;
    const network = keptAs.get(layers);
    return {
      ...(network !== undefined && { network }),
      layers: layers.map(({ name, weights, biases, activation }) => ({ name, weights, biases, activation })),
      inputs,
    };
  }

  #valueLabel(name: string, before: number, after: number): Message {
    return { key: "studio.did-value", values: { name, before, after } };
  }

  /** Takes another state, and what follows from it where that is another too. */
  #stand(state: StudioState): void {
    this.#state = state;
    this.layers = state.layers;
    this.problem = null;
    this.notice = null;
    this.sizes = this.#steadySizes(sizesOf(state));
    this.names = this.#steadyNames(neuronNames(state));
  }

  /** Into the history and the status line. */
  #take(state: StudioState, label: Message, how: Recording<StudioState> & { gesture: string | null }): void {
    const { gesture } = how;
    if (this.comparison.settle()) this.history = recorded(this.history, this.#state, { key: "studio.did-take-pinned", values: {} });
    this.history = recorded(this.history, state, label, how);
    this.comparison.follow();
    this.touched = true;
    const entry = current(this.history);
    // A gesture that came back to where it began is no step: what it did is told all the same.
    this.#tell(gesture, entry.gesture === gesture ? entry.label : label, state);
  }

  #tellServer(change: Change): void {
    this.#session.change(change);
    this.#slowTimer ??= window.setTimeout(() => (this.slow = this.connection === "live"), SLOW_MS);
  }

  /** Another step of the history becomes the current one. */
  #goTo(at: number, label: Message): void {
    this.pace.release();
    this.comparison.settle();
    this.gestures.end();
    this.history = movedTo(this.history, at);
    const { state } = current(this.history);
    this.#tell(null, label, state);
    this.#show(state);
    this.comparison.follow();
  }

  /** Another state, whose shapes may differ. While they do not, the numbers on screen wait for the next ones. */
  #show(state: StudioState, selection = this.selection): void {
    const sizes = this.sizes;
    this.#stand(state);
    if (sizes !== this.sizes) {
      this.newest = this.newestAhead = null;
      this.playback.end();
    }
    this.selection = selection && exists(selection, this.sizes) ? selection : selection && firstSelection(this.sizes);
    if (this.pointed && !exists(this.pointed, this.sizes)) this.pointed = null;
    this.#session.reopen(this.#watched());
  }

  #tell(gesture: string | null, label: Message, state: StudioState): void {
    const last = this.lastChange;
    const going = gesture !== null && last?.gesture === gesture;
    const outputBefore = going ? last.outputBefore : (this.newest?.arrays.get(`layers.${this.layers.length - 1}.activations`)?.[0] ?? null);
    this.lastChange = { gesture: gesture ?? "", label, counts: !computeAlike(this.#state, state), outputBefore };
  }

  #passed(pass: Pass, milliseconds: number | null): void {
    this.pace.answered();
    this.newest = pass;
    if (milliseconds !== null) this.milliseconds = milliseconds;
    this.#waitNoLonger();
  }

  #connected(connection: Connection): void {
    // What failed without a server is no news once that is back; nor is what was wrong before it went.
    if ((connection === "lost") !== (this.connection === "lost")) this.problem = null;
    this.connection = connection;
    if (connection === "lost") {
      this.#failures++;
      this.#waitNoLonger();
      void this.#askWhy();
    } else {
      this.#failures = 0;
      this.#refusal = null;
    }
  }

  /** A server that refuses the socket says why; the tries go on, since who deploys it may mend it. */
  async #askWhy(): Promise<void> {
    // A frame without an origin may not read any answer.
    const own = window.origin;
    this.#refusal = own === "null" ? this.t("studio.cut-off") : await refusalOf(this.#failures, this.language, own);
  }

  #waitNoLonger(): void {
    window.clearTimeout(this.#slowTimer);
    this.#slowTimer = undefined;
    this.slow = false;
  }

  #refused(problem: ProblemDocument): void {
    this.pace.release();
    this.#waitNoLonger();
    this.problem = problem.errors?.[0]?.detail ?? problem.detail ?? problem.title;
  }

  /** What the server explains beside the trace: the sum of the selected neuron, and what else is asked for. */
  #watched(): Watch[] {
    const also = this.#alsoWatched.flatMap((watches) => watches());
    if (!this.selection) return also;
    const { layer, neuron } = neuronOf(this.selection);
    if (layer === 0) return also;
    const explained: Watch[] = [{ kind: "explain", layer: layer - 1, neuron }];
    if (!this.isElementwise(this.layers[layer - 1]!.activation)) explained.push({ kind: "shares", layer: layer - 1 });
    return [...explained, ...also];
  }
}
