import { tick, untrack } from "svelte";

/**
 * Where a change takes away what has the focus, gives it to what stands there then. To be called while a component is set up:
 * `change` reads what changes, `place` is what holds the focus before, `heir` what gets it.
 */
export function keepFocus(
  change: () => unknown,
  place: () => HTMLElement | undefined,
  heir: () => HTMLElement | SVGElement | null | undefined,
): void {
  let within = false;
  $effect.pre(() => {
    change();
    within = untrack(place)?.contains(document.activeElement) ?? false;
  });
  $effect(() => {
    change();
    if (!within) return;
    void tick().then(() => {
      if (document.activeElement === document.body) heir()?.focus();
    });
  });
}
