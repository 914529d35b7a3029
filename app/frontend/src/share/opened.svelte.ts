import { createContext } from "svelte";

import { setActivation } from "../model/edits";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { FileNote, Kept } from "./stored";

interface Given {
  network: Network;
  steps: Steps;
}

/** A network that is kept by the server, but too large to be drawn on the page. */
export interface Summary extends Kept {
  name: string;
}

export const [getOpened, setOpened] = createContext<Opened>();

/** What there is to say of the file that was opened last: what was decided for it, or that it is too large to be drawn. */
export class Opened {
  name = $state("");
  notes = $state.raw<readonly FileNote[]>([]);
  summary = $state.raw<Summary | null>(null);
  /** A file is on its way to the server: its name. */
  sending = $state<string | null>(null);

  constructor(private readonly given: Given) {}

  readonly speaks = $derived.by(() => this.sending !== null || this.summary !== null || this.notes.length > 0);

  /** The layers, counted from 1, whose activation the file did not name. */
  readonly assumed = $derived.by(() =>
    this.notes
      .filter(({ code }) => code === "activations-assumed")
      .flatMap(({ pointers }) => pointers.map((pointer) => Number(pointer.split("/")[2]) + 1))
      .filter((layer) => layer <= this.given.network.layers.length),
  );

  begin(name: string): void {
    this.close();
    this.name = name;
  }

  close(): void {
    this.notes = [];
    this.summary = null;
    this.sending = null;
  }

  /** Gives layers the activations that their file did not name, as one step. */
  choose(choices: ReadonlyMap<number, string>): void {
    let { state } = this.given.network;
    for (const [layer, activation] of choices) state = setActivation(state, layer - 1, activation);
    this.notes = this.notes.filter(({ code }) => code !== "activations-assumed");
    if (state !== this.given.network.state) this.given.steps.commit(state, { key: "studio.did-activations", values: { name: this.name } });
  }
}
