import { flushSync, mount } from "svelte";

import { arriveOpened } from "../share/openedElsewhere";
import type { StudioData } from "../studio/data";
import { storageOf } from "../studio/storage";
import type { Outline } from "./types";
import { arrivedAt } from "./kept";
import { presetOf } from "./preset";
import { tensorsOf } from "./cells";
import { World } from "./world.svelte";
import WorldRoot from "./WorldRoot.svelte";

/** Shows a network of any kind in the page's place for the studio. */
export async function mountWorld(target: HTMLElement, data: StudioData, outline: Outline): Promise<void> {
  const opened = arriveOpened(storageOf(window, "sessionStorage"), outline.id);
  const fragment = location.hash.slice(1);
  const { scene, earlier, problem } = await arrivedAt(storageOf(window, "localStorage"), outline.id, fragment, isAgain(), tensorsOf(outline));
  const world = new World(data, outline, { opened, scene, preset: await presetOf(data, scene?.preset ?? null) });
  if (problem !== null) world.notices.problem = world.t(problem);
  target.replaceChildren();
  mount(WorldRoot, { target, props: { first: world, offered: earlier } });
  flushSync();
}

/** Whether this page was there before, and is loaded anew. */
function isAgain(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation?.type === "reload" || navigation?.type === "back_forward";
}
