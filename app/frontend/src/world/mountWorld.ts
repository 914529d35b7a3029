import { flushSync, mount } from "svelte";

import { arriveOpened } from "../share/openedElsewhere";
import type { StudioData } from "../studio/data";
import { storageOf } from "../studio/storage";
import type { Outline } from "./types";
import { World } from "./world.svelte";
import WorldPage from "./WorldPage.svelte";

/** Shows a network of any kind in the page's place for the studio. */
export function mountWorld(target: HTMLElement, data: StudioData, outline: Outline): void {
  const world = new World(data, outline, arriveOpened(storageOf(window, "sessionStorage"), outline.id));
  target.replaceChildren();
  mount(WorldPage, { target, props: { world } });
  flushSync();
}
