import { createContext } from "svelte";

import type { Question } from "../studio/reach";
import type { Choices } from "./keptFiles";
import type { FileNote } from "./stored";

/** A file that can be read in two ways, and what opens it once that is answered. */
export interface Asked {
  name: string;
  questions: readonly Question[];
  answer: (choices: Choices) => void;
}

export const [getOpened, setOpened] = createContext<Opened>();

/** What there is to say of the file that was opened last: how far it is, what it leaves open, what was decided for it. */
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

  readonly speaks = $derived.by(() => this.sending !== null || this.notes.length > 0 || this.asked !== null || this.again !== null);

  begin(name: string): void {
    this.close();
    this.name = name;
  }

  /** A file came from another page, where this was decided for it. */
  arrived(name: string, notes: readonly FileNote[]): void {
    this.begin(name);
    this.notes = notes;
  }

  close(): void {
    this.notes = [];
    this.sending = null;
    this.stop = null;
    this.asked = null;
    this.again = null;
  }
}
