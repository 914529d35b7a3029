import { createContext } from "svelte";

export const [getHelp, setHelp] = createContext<Help>();

/** What explains the page on demand: the shortcut sheet and the tour. Both load when they are first asked for. */
export class Help {
  sheet = $state(false);
  /** The tour's stop; null where it is not under way. */
  stop = $state<number | null>(null);
  #before: HTMLElement | null = null;

  /** Opens the sheet or closes it. What has the focus gets it back. */
  toggleSheet(): void {
    this.sheet = !this.sheet;
  }

  startTour(): void {
    this.sheet = false;
    this.#before = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    this.stop = 0;
  }

  endTour(): void {
    this.stop = null;
    this.#before?.focus();
  }
}
