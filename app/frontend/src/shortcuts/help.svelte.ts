import { createContext } from "svelte";

export const [getHelp, setHelp] = createContext<Help>();

/** What explains the page on demand: the shortcut sheet and the tour. Both load when they are first asked for. */
export class Help {
  sheet = $state(false);
  /** The tour's stop; null where it is not under way. */
  stop = $state<number | null>(null);
  #before: HTMLElement | SVGElement | null = null;

  /** Opens the sheet or closes it. */
  toggleSheet(): void {
    this.sheet = !this.sheet;
  }

  startTour(): void {
    this.sheet = false;
    const { activeElement } = document;
    this.#before = activeElement instanceof HTMLElement || activeElement instanceof SVGElement ? activeElement : null;
    this.stop = 0;
  }

  endTour(): void {
    this.stop = null;
    // The link that began it goes with the first change: then the first slider has the focus.
    const before = this.#before?.isConnected ? this.#before : document.querySelector<HTMLElement>("main input[type=range]");
    before?.focus();
  }
}
