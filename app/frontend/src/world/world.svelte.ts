import { createContext } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import { readInks, type Inks } from "../bodies/paint";
import { followPicture } from "../bodies/pictures";
import { Forms } from "../forms/forms.svelte";
import { Gestures } from "../history/gestures";
import { followHand } from "../history/hand";
import type { Pass } from "../live/frames";
import { Described } from "../forms/described";
import { begun, canRedo, canUndo, current, movedTo, recorded, type History } from "../model/history";
import type { Message } from "../model/types";
import type { PresetOutline, StudioData } from "../studio/data";
import { Notices } from "../studio/notices.svelte";
import type { Stroke } from "../pad/strokes";
import { Pace } from "../studio/pace";
import { setPage } from "../studio/page";
import { Print } from "../studio/print";
import { Wire } from "../studio/wire.svelte";
import { translator, type Translate } from "../text/messages";
import type { Beginning } from "./beginning";
import { unfoldedAtFirst, unfoldedLike } from "./blocks";
import { largestOf, sameCell, tensorsOf } from "./cells";
import { Comparison } from "./compare/comparison.svelte";
import { dialectOf } from "./dialect";
import { formsGiven } from "./formsGiven";
import { Hand } from "./hand";
import { Folding } from "./folding.svelte";
import { Following } from "./following";
import { Naming } from "./naming";
import { Numbers } from "./numbers.svelte";
import { Playback } from "./playback/playback.svelte";
import type { Frame, Layout, Standing } from "./place";
import { regaining } from "./regaining";
import { checkedCell, restored, sceneOf, type WorldScene } from "./scene";
import { Sight } from "./sight.svelte";
import { given, startingValues, type Starting } from "./starting";
import { changesSaid, withNumber, withValues, type ChangedNumber, type WorldChange, type WorldState } from "./state";
import type { Cell, LayerOutline, Outline, TensorOutline } from "./types";
import { isChain } from "./told";
import { watchesOf, type WorldWatch } from "./watching";
import { clamped } from "./zoom";
import { at } from "../root";

const [getWorld, keepWorld] = createContext<World>();
export { getWorld };

export function setWorld(world: World): void {
  setPage(world);
  keepWorld(world);
}

/** How much of an id tells networks apart for people. */
const SHORT_ID = 12;

/** The page of a network of any kind: what it is, what was changed of it, what the server says it comes to. */
export class World {
  readonly language: string;
  readonly t: Translate;
  readonly languages: StudioData["languages"];
  readonly courseAddress: string;
  readonly presets: StudioData["presets"];
  readonly outline: Outline;
  readonly tensors: ReadonlyMap<string, TensorOutline>;
  /** A chain of dense layers: too large for the studio of small ones. */
  readonly chain: boolean;

  readonly gestures = new Gestures();
  readonly pace = new Pace();
  readonly notices: Notices;
  readonly print: Print;
  readonly wire: Wire<WorldState, WorldChange, WorldWatch>;
  readonly startings: readonly Starting[];

  /** What was done, and the state that it led to. */
  history = $state.raw() as History<WorldState>;
  readonly latest = $derived.by(() => current(this.history).state);
  /** The state that is on screen. */
  readonly state = $derived.by(() => (this.comparison.flipped && this.comparison.pinned) || this.latest);
  lastChange = $state.raw<Message | null>(null);
  /** What another network is asked for with, as a layer that is added, until it is there. */
  asked = $state.raw<Message | null>(null);

  #newest = $state.raw<Pass | null>(null);
  newestAhead = $state.raw<Pass | null>(null);
  /** The numbers that are on screen. */
  readonly pass = $derived.by(() => (this.comparison.flipped ? (this.comparison.ghost?.newest ?? null) : this.newest));
  readonly #described = new Described();

  selected = $state.raw<Cell | null>(null);
  pointed = $state.raw<readonly Cell[]>([]);

  /** Of bodies whose one panel fills the place: which, by block. */
  readonly opened = new SvelteMap<string, number>();
  /** Of bodies that are drawn in blocks: those whose blocks show their largest number. */
  largest = $state.raw<ReadonlySet<string>>(new Set());
  frame = $state.raw<Frame>({ width: 1000, height: 600, scale: 1, narrow: false, opened: new Map() });
  inks = $state.raw<Inks | null>(null);

  readonly folding: Folding = new Folding(this);
  readonly blocks = $derived(this.folding.arranged.blocks);
  readonly groups = $derived(this.folding.arranged.groups);
  readonly layout: Layout = $derived(this.folding.arranged.layout);
  /** Where the selected number comes from. */
  readonly forms: Forms;
  /** A pinned state beside the learner's. */
  readonly comparison: Comparison;
  /** The pass in slow motion. */
  readonly playback = new Playback(this);
  readonly sight: Sight = new Sight(this);

  readonly steps = new Hand(this);
  readonly #numbers = new Numbers(this);

  readonly naming: Naming;
  /** Which words or moments rows and columns are of. */
  readonly following: Following;
  /** What becomes of a picture file that is opened; null where the network takes none. */
  takePicture: ((file: File) => void) | null = null;

  /** What the network is called: its file, or how its id begins. */
  readonly name: string;
  /** Where it is one that comes with the product. */
  readonly preset: PresetOutline | null;

  /** Shows the page of another network in this one's place; the focus goes to what `focus` selects there, or stays where it is. */
  succeed: (next: World, focus: string | null) => void = () => undefined;
  /** The inputs that its file had. */
  readonly #inputs: unknown;
  /** The cell that is looked at from the start, without anyone having selected it. */
  #first: Cell | null = null;

  constructor(
    readonly data: StudioData,
    outline: Outline,
    { opened = null, scene = null, before = null, preset = before?.preset ?? null, history }: Beginning<World> = {},
  ) {
    this.languages = data.languages;
    this.courseAddress = at(data.course_address);
    this.presets = data.presets;
    this.language = data.language;
    this.t = translator(data.messages);
    this.outline = outline;
    this.tensors = tensorsOf(outline);
    this.chain = isChain(outline);
    this.notices = new Notices(this.t);
    this.print = new Print(this.language, this.t, data.presets, { choice: { digits: 4 } });
    this.preset = preset;
    this.following = new Following(outline, preset?.class_names ?? [], (input) => this.values(input));
    this.naming = new Naming(outline, this.tensors, preset?.class_names ?? []);
    this.name = before?.name ?? opened?.name ?? scene?.name ?? this.preset?.title ?? outline.id.slice(0, SHORT_ID);
    this.#inputs = opened?.inputs ?? scene?.inputs ?? (before ? before.#inputs : undefined);
    const inputs = this.#inputs ?? this.preset?.inputs;
    const sort = this.#inputs === undefined && this.preset ? "held-out" : "given";
    this.startings = outline.inputs.map((input) => given(input, inputs, sort) ?? startingValues(input, outline));
    const label = { key: "world.opened", values: { name: this.name } };
    const tensors = outline.inputs.map(({ name }, k) => [name, { base: this.startings[k]!.values, changed: new Map() }] as const);
    this.history = begun({ outline, tensors: new Map(tensors) }, label);
    this.comparison = new Comparison(this);
    this.lastChange = label;
    this.folding.unfolded = new Set(scene?.unfolded ?? unfoldedAtFirst(outline));
    if (scene) this.#restore(scene);
    if (before && history) this.#follow(before, history);
    this.forms = new Forms(formsGiven(this, (name) => (this.comparison.flipped ? this.comparison.ghost?.told(name) : this.#described.of(name))));
    const dialect = dialectOf(outline, this.tensors);
    this.wire = new Wire({ language: this.language, t: this.t, notices: this.notices, pace: this.pace, values: this, dialect, opening: () => this.latest, answer: regaining(this), leftOut: () => this.folding.letGo(), explained: this.#described.take }, "");
    this.wire.watch(() => this.watches());
  }

  #restore(scene: WorldScene): void {
    const label = { key: "studio.did-restore", values: {} };
    const { state, pinned } = restored(scene, this.latest);
    if (state !== this.latest || pinned) this.history = recorded(this.history, state, label, { pinned });
    this.lastChange = label;
    this.selected = scene.selected;
    for (const [id, panel] of scene.opened) this.opened.set(id, panel);
    this.frame = { ...this.frame, scale: clamped(scene.scale) };
  }

  /** Goes on where the page of another network was left. */
  #follow(before: World, history: History<WorldState>): void {
    this.history = history;
    this.lastChange = before.lastChange;
    this.frame = before.frame;
    this.inks = before.inks;
    this.selected = checkedCell(before.selected, this.tensors);
    this.folding.unfolded = unfoldedLike(this.outline, before.folding.unfolded);
  }

  /** The network became another one, as after a layer was added: its own page goes on from here. */
  become(history: History<WorldState>, label: Message, selected = this.selected, focus: string | null = null): void {
    this.pace.release();
    this.gestures.end();
    this.notices.clear();
    [this.asked, this.lastChange, this.selected] = [null, label, selected];
    this.succeed(new World(this.data, current(history).state.outline, { before: this, history }), focus);
  }

  /** What was made of the network at an earlier visit, as a step that can be undone. */
  bringBack(scene: WorldScene): void {
    this.gestures.end();
    this.#restore(scene);
    this.wire.reopen();
  }

  /** All that makes the page what it is, beside the network that the server keeps. */
  get scene(): WorldScene {
    return sceneOf(this, this.#inputs);
  }

  /** Whether another cell is selected than the one that is looked at from the start. */
  get looked(): boolean {
    return !sameCell(this.selected, this.#first);
  }

  #endWire: (() => void) | null = null;
  /** Has the server begin with it before there is anything to see. */
  goAhead = (): void => void (this.#endWire = this.wire.start());

  /** Goes live. Returns what ends it. */
  start(): () => void {
    const ends = [this.#endWire ?? this.wire.start(), this.comparison.start(), followHand(this)];
    return () => ends.forEach((end) => end());
  }

  readInks = (host: HTMLElement): void => void (this.inks = readInks(host));

  // ---- what is there ----

  /** The newest numbers. */
  get newest(): Pass | null {
    return this.#newest;
  }

  set newest(pass) {
    this.#newest = pass;
    this.folding.told();
  }

  /** The layer that gives a tensor, or whose parameter it is; null for an input. */
  layerOf = (tensor: string): LayerOutline | null => this.naming.layerOf(tensor);

  isInput = (tensor: string): boolean => this.outline.inputs.some(({ name }) => name === tensor);

  /** What a tensor is called for people. */
  titleOf = (tensor: string): string => this.forms.names.title(tensor);

  /** A cell for people: edges[4, 4, 4], counted from 1. */
  nameOf = (cell: Cell): string => this.forms.names.cell(cell);

  /** What a cell itself is called: a class, or the token that stands there; null where it has no name of its own. */
  ownName(cell: Cell): string | null {
    return this.naming.own(cell, () => this.value(cell));
  }

  /** Looks at the largest output, so that there is a number's origin on screen from the start. Gives whether that is done with. */
  lookFirst(): boolean {
    const tensor = this.tensors.get(this.outline.outputs[0] ?? "");
    const values = tensor && this.values(tensor.name);
    if (this.selected === null && values) this.select((this.#first = largestOf(tensor, values)));
    // The network may be open before the server is told what to tell of it.
    return this.selected !== null || !tensor || values !== undefined;
  }

  values = (tensor: string): Float32Array | undefined => this.#numbers.values(tensor);
  complete = (tensor: string): Float32Array | undefined => this.#numbers.complete(tensor);
  ofPass = (tensor: string): Float32Array | undefined => this.#numbers.ofPass(tensor);
  shown = (body: Standing): Float32Array | undefined => this.#numbers.shown(body);
  areTold = (body: Standing): boolean => this.#numbers.areTold(body);
  value = (cell: Cell): number | undefined => this.#numbers.value(cell);
  held = (cell: Cell, told: number): number => this.#numbers.held(cell, told);

  // ---- what the learner does ----

  select(cell: Cell | null): void {
    if (sameCell(cell, this.selected)) return;
    this.selected = cell;
    this.pointed = [];
    followPicture(this.opened, this.layout.bodies, cell);
  }

  /** Has these cells stand out, as a hand over a term or another cell asks for. */
  point = (cells: readonly Cell[]): void => void (this.pointed = cells);

  /** Another number in an input or a parameter. */
  change(cell: Cell, value: number): void {
    this.changeAll([{ cell, value }]);
  }

  /** Other numbers in several of them, as one step. */
  changeAll(wanted: readonly { readonly cell: Cell; readonly value: number }[]): void {
    this.pace.release();
    let state = this.state;
    const done: ChangedNumber[] = [];
    for (const { cell, value } of wanted) {
      const tensor = this.tensors.get(cell.tensor);
      if (!tensor || !Number.isFinite(value)) continue;
      const known = this.value(cell);
      const before = known === undefined ? undefined : this.held(cell, known);
      const whole = /float/.test(tensor.dtype) ? value : Math.round(value);
      if (before === whole) continue;
      state = withNumber(state, cell, tensor.shape, whole, this.isInput(cell.tensor) ? null : (before ?? null));
      done.push({ cell, value: whole, before });
    }
    if (done.length === 0) return;
    this.#commit(state, changesSaid(done, this.nameOf, (tensor) => !/float/.test(this.tensors.get(tensor)!.dtype)), wanted.map(({ cell: { tensor, at } }) => `${tensor}.${at.join(".")}`).join(" "));
    for (const { cell, value } of done) this.wire.change({ cell, value });
  }

  /** Whether anything was changed since the network was opened. */
  get edited(): boolean {
    return this.latest !== this.history.entries[0]!.state;
  }

  /** Back to the network as it was opened, as a step that can be undone. */
  resetAll(): void {
    const first = this.history.entries[0]!.state;
    const label = { key: "studio.did-reset", values: { what: this.name } };
    this.#show(recorded(this.history, first, label), label);
  }

  /** What a pen draws on an input while it is down: strokes of which the server makes the numbers, or these; null where it was not meant. */
  pen(tensor: string, drawn: { readonly strokes: readonly Stroke[] } | { readonly values: Float64Array } | null): void {
    this.#numbers.penned = drawn && tensor;
    const values = this.state.tensors.get(tensor)?.base;
    if (drawn) this.wire.change({ tensor, ...drawn });
    else if (values) this.wire.change({ tensor, values });
  }

  /** All numbers of some inputs at once. */
  replace(inputs: ReadonlyMap<string, Float64Array>, label: Message): void {
    this.gestures.end();
    this.#commit([...inputs].reduce((state, [tensor, values]) => withValues(state, tensor, values), this.state), label);
    for (const [tensor, values] of inputs) this.wire.change({ tensor, values });
  }

  #commit(state: WorldState, label: Message, target?: string): void {
    this.pace.release();
    this.notices.clear();
    this.#numbers.penned = null;
    if (this.comparison.flipped) {
      // Who changes what he looks at works on it from then on.
      this.history = recorded(this.history, this.state, { key: "studio.did-take-pinned", values: {} });
      this.comparison.flipped = false;
      queueMicrotask(() => (this.pace.release(), this.wire.reopen()));
    }
    const gesture = target === undefined ? null : this.gestures.of(target, performance.now());
    this.steps.show(() => {
      this.history = recorded(this.history, state, label, { gesture });
      this.lastChange = current(this.history).gesture === gesture ? current(this.history).label : label;
    });
  }

  readonly undoes = $derived.by(() => (this.asked ? this.print.message(this.asked) : canUndo(this.history) ? this.print.message(current(this.history).label) : null));
  readonly redoes = $derived.by(() => (canRedo(this.history) ? this.print.message(this.history.entries[this.history.at + 1]!.label) : null));

  undo(): void {
    if (this.undoes === null) this.notices.say("studio.nothing-to-undo");
    else if (this.asked) this.#takeBack(this.undoes);
    else this.#goTo(this.history.at - 1, "studio.did-undo", this.undoes);
  }

  redo(): void {
    if (this.redoes === null) this.notices.say("studio.nothing-to-redo");
    else this.#goTo(this.history.at + 1, "studio.did-redo", this.redoes);
  }

  /** What is asked for and not there yet is not waited for. */
  #takeBack(what: string): void {
    this.notices.clear();
    [this.asked, this.lastChange] = [null, { key: "studio.did-undo", values: { what } }];
  }

  /** Goes to a step in one go. */
  jump = (at: number): void => void (at !== this.history.at && this.#goTo(at, "studio.did-jump", this.print.message(this.history.entries[at]!.label)));
  #goTo(at: number, key: string, what: string): void {
    this.#show(movedTo(this.history, at), { key, values: { number: String(at), what } });
  }

  /** Pins a state, or lets it go, beside this network or another one that becomes the learner's. */
  step = (state: WorldState, label: Message, pinned: WorldState | null): void => this.#show(recorded(this.history, state, label, { pinned }), label);

  /** Goes on from a state that may be of another network. */
  #show(history: History<WorldState>, label: Message): void {
    if (current(history).state.outline !== this.outline) return this.become(history, label);
    this.pace.release();
    this.gestures.end();
    this.notices.clear();
    this.comparison.flipped = false;
    [this.history, this.lastChange] = [history, label];
    this.wire.reopen();
  }

  /** What the server is to tell: what is on screen, or is to come on it. */
  watches(): WorldWatch[] {
    return [...this.forms.watches, ...watchesOf(this.outline, this.folding.near)];
  }
}
