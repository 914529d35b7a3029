import { createContext } from "svelte";

import { Building } from "../building/building.svelte";
import { Comparison } from "../compare/comparison.svelte";
import { Gestures } from "../history/gestures";
import { followHand } from "../history/hand";
import { DENSE } from "../live/dense";
import type { Opening } from "../live/protocol";
import { layerDocuments } from "../model/document";
import { begun, recorded, type History } from "../model/history";
import type { StudioState } from "../model/types";
import { Playback } from "../playback/playback.svelte";
import { Keeper } from "../share/keeper.svelte";
import { keptFor } from "../share/base";
import { View } from "../show/view.svelte";
import { translator, type Translate } from "../text/messages";
import type { Arrival } from "./arrival";
import { passOfTrace, stateOfPreset, type StudioData } from "./data";
import { explanationOf } from "./explained";
import { Network, openedPreset } from "./network.svelte";
import { Notices } from "./notices.svelte";
import { Pace } from "./pace";
import { setPage } from "./page";
import { Print } from "./print";
import { Selected } from "./selected.svelte";
import { firstSelection } from "./selection";
import { Steps } from "./steps.svelte";
import { Values } from "./values.svelte";
import { Wire } from "./wire.svelte";
import { Words } from "./words";
import { at } from "../root";

const [getStudio, keepStudio] = createContext<Studio>();
export { getStudio };

/** What the parts of the page find it by. */
export function setStudio(studio: Studio): void {
  setPage(studio);
  keepStudio(studio);
}

/** What another page, such as a lesson's, may hold in its place. */
export interface Held {
  /** Nothing invites to drag the first input: the text around says what to move. */
  uninviting?: boolean;
  inputs?: boolean;
  allows?: (before: StudioState, after: StudioState) => boolean;
}

/**
 * The studio's parts, put together. Each is given the few that it needs and knows of no other; only what is shown on the page
 * comes here for them. `src/tree.test.ts` holds them to it.
 */
export class Studio {
  readonly language: string;
  readonly t: Translate;
  readonly languages: StudioData["languages"];
  readonly courseAddress: string;
  readonly presets: StudioData["presets"];
  readonly activationDocuments: StudioData["activations"];
  /** In another page's frame: nothing is kept. */
  readonly embedded: boolean;
  readonly held: Held;

  readonly gestures = new Gestures();
  readonly pace = new Pace();
  readonly notices: Notices;
  readonly network: Network;
  readonly selected: Selected;
  readonly view: View;
  readonly print: Print;
  readonly words: Words;
  readonly playback: Playback;
  readonly values: Values;
  readonly wire: Wire;
  readonly steps: Steps;
  readonly building: Building;
  readonly comparison: Comparison;
  readonly keeper: Keeper;

  /** Of outputs that are classes the strongest, counted from 0; null where they are none. */
  readonly strongest = $derived.by(() => this.words.strongest(this.values.activations.at(-1), this.network.layers.at(-1)?.activation ?? ""));

  constructor(data: StudioData, arrived: Arrival | null = null, held: Held = {}) {
    this.language = data.language;
    this.languages = data.languages;
    this.courseAddress = at(data.course_address);
    this.t = translator(data.messages);
    this.presets = data.presets;
    this.activationDocuments = data.activations;
    this.embedded = data.embed;
    this.held = held;
    this.notices = new Notices(this.t);
    this.network = new Network(historyOf(data, arrived));
    this.selected = new Selected(arrived ? arrived.scene.selection : firstSelection(this.network.sizes));
    this.view = new View(this.selected);
    this.print = new Print(this.language, this.t, this.presets, this.view);
    this.words = new Words({ t: this.t, print: this.print, presets: this.presets, activations: data.activations, network: this.network });
    this.playback = new Playback(this.network, this.selected);
    this.values = new Values(this, arrived ? null : passOfTrace(data.trace, data.preset.inputs));
    const opening = (): Opening => openingOf(this.network.latest, this.network.opening.state);
    this.wire = new Wire({ language: this.language, t: this.t, notices: this.notices, pace: this.pace, values: this.values, dialect: DENSE, opening }, data.trace.device);
    this.wire.watch(() => explanationOf(this.selected.part, this.network.layers, (name) => this.words.isElementwise(name)));
    const { network, selected, values, wire, notices, print, pace, gestures, playback } = this;
    const pinned = { settle: () => this.comparison.settle(), follow: () => this.comparison.follow() };
    const allows = held.allows ?? (() => true);
    this.steps = new Steps({ network, selected, values, wire, notices, print, pace, gestures, playback, pinned, allows });
    this.building = new Building(this);
    this.comparison = new Comparison(this);
    this.keeper = new Keeper(this);
  }

  /** Goes live. Returns what ends it. */
  start(): () => void {
    const ends = [this.keeper.start(), this.wire.start(), followHand(this)];
    if (!this.embedded) this.comparison.follow();
    return () => ends.forEach((end) => end());
  }
}

/** The steps that the page begins with. */
function historyOf({ preset }: StudioData, arrived: Arrival | null): History<StudioState> {
  const own = begun(stateOfPreset(preset), openedPreset(preset.name));
  if (!arrived) return own;
  const { scene, key, values = {}, history } = arrived;
  return history ?? recorded(own, scene.state, { key, values }, { opened: true, pinned: scene.pinned });
}

/** The network as it stands, and the one that the server keeps of it or of what it was made from. */
function openingOf(state: StudioState, origin: StudioState): Opening {
  const kept = keptFor(state, origin);
  return { ...(kept && { kept }), layers: layerDocuments(state.layers), inputs: state.inputs };
}
