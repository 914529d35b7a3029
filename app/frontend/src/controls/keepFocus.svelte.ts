import { tick, untrack } from "svelte";

/**
 * Where a change takes away what has the focus, gives it to what stands there then. To be called while a component is set up:
 * `change` reads what changes, `place` is what holds the focus before, `heir` what gets it, once what stands there is `ready`.
 */
export function keepFocus(
  change: () => unknown,
  place: () => HTMLElement | undefined,
  heir: () => HTMLElement | SVGElement | null | undefined,
  ready?: () => Promise<unknown> | undefined,
): void {
  let within = false;
  $effect.pre(() => {
    change();
    within = untrack(place)?.contains(document.activeElement) ?? false;
  });
  $effect(() => {
    change();
    if (!within) return;
    const coming = ready && untrack(ready);
    void Promise.allSettled([coming]).then(tick).then(() => {
      if (document.activeElement === document.body) heir()?.focus();
    });
  });
}

/** Where what has the focus is put elsewhere in a list, it keeps it. To be called likewise; `change` reads what the list is ordered by. */
export function holdFocus(change: () => unknown, place: () => HTMLElement | undefined): void {
  let held: Element | null = null;
  $effect.pre(() => {
    change();
    const { activeElement } = document;
    held = untrack(place)?.contains(activeElement) ? activeElement : null;
  });
  $effect(() => {
    change();
    if (held?.isConnected && document.activeElement !== held) (held as HTMLElement).focus({ preventScroll: true });
  });
}
