import { on } from "svelte/events";

const BACK = new Set(["ArrowLeft", "ArrowUp"]);
const ON = new Set(["ArrowRight", "ArrowDown"]);

/**
 * Of the buttons within that match, one is a stop of Tab: the one that had the focus last, and before that the first that matches `start`
 * too, or the first. Arrow keys lead from one to the next, Home and End to the ends (WAI-ARIA's roving tabindex).
 */
export const roving =
  (selector: string, start?: string) =>
  (group: HTMLElement): (() => void) => {
    let reached: HTMLElement | null = null;
    let begun: HTMLElement | undefined;
    const buttons = (): HTMLElement[] => [...group.querySelectorAll<HTMLElement>(selector)];

    function settle(): void {
      const all = buttons();
      const begin = start ? all.find((each) => each.matches(start)) : undefined;
      // Another one is where it begins: there Tab comes, unless the focus is here.
      if (begin !== begun && !all.includes(document.activeElement as HTMLElement)) reached = null;
      begun = begin;
      const stop = reached && all.includes(reached) ? reached : (begin ?? all[0]);
      for (const each of all) {
        const tab = each === stop ? 0 : -1;
        if (each.tabIndex !== tab || !each.hasAttribute("tabindex")) each.tabIndex = tab;
      }
    }

    function onfocusin({ target }: FocusEvent): void {
      if (!(target as HTMLElement).matches(selector)) return;
      reached = target as HTMLElement;
      settle();
    }

    function onkeydown(event: KeyboardEvent): void {
      const target = event.target as HTMLElement;
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || !target.matches(selector)) return;
      const all = buttons();
      const here = all.indexOf(target);
      const to = BACK.has(event.key) ? here - 1 : ON.has(event.key) ? here + 1 : event.key === "Home" ? 0 : event.key === "End" ? all.length - 1 : null;
      if (to === null) return;
      event.preventDefault();
      all[to]?.focus();
    }

    settle();
    const watched = new MutationObserver(settle);
    watched.observe(group, { childList: true, subtree: true, attributeFilter: start ? ["class"] : undefined });
    // After what a button itself does with the key.
    const ends = [on(group, "focusin", onfocusin), on(group, "keydown", onkeydown), () => watched.disconnect()];
    return () => ends.forEach((end) => end());
  };
