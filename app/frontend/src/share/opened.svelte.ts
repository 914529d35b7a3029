import { createContext } from "svelte";

import { setActivation } from "../model/edits";
import type { Network } from "../studio/network.svelte";
import type { Steps } from "../studio/steps.svelte";
import type { Question } from "../studio/reach";
import type { Choices } from "./keptFiles";
import type { FileNote } from "./stored";

/** A file that can be read in two ways, and what opens it once that is answered. */
export interface Asked {
  name: string;
  questions: readonly Question[];
  answer: (choices: Choices) => void;
}

interface Given {
  network: Network;
  steps: Steps;
}

export const [getOpened, setOpened] = createContext<Opened>();

/** What there is to say of the file that was opened last: what was decided for it. */
export class Opened {
  name = $state("");
  notes = $state.raw<readonly FileNote[]>([]);
  /** A file is on its way to the server: its name. */
  sending = $state<string | null>(null);
  /** How much of it was sent, from 0 to 1; at 1 the server reads it. */
  sent = $state(0);
  /** The line broke, and sending goes on by itself in a moment. */
  broken = $state(false);
  /** Ends the sending. */
  stop = $state.raw<(() => void) | null>(null);
  /** What a file leaves open, to be answered before it is opened. */
  asked = $state.raw<Asked | null>(null);
  /** Sends the file again whose sending the line broke off. */
  again = $state.raw<(() => void) | null>(null);

  constructor(private readonly given: Given) {}

  readonly speaks = $derived.by(() => this.sending !== null || this.notes.length > 0 || this.asked !== null || this.again !== null);

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
    this.sending = null;
    this.stop = null;
    this.asked = null;
    this.again = null;
  }

  /** Gives layers the activations that their file did not name, as one step. */
  choose(choices: ReadonlyMap<number, string>): void {
    let { state } = this.given.network;
    for (const [layer, activation] of choices) state = setActivation(state, layer - 1, activation);
    this.notes = this.notes.filter(({ code }) => code !== "activations-assumed");
    if (state !== this.given.network.state) this.given.steps.commit(state, { key: "studio.did-activations", values: { name: this.name } });
  }
}
