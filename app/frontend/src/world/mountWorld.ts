import { flushSync, mount } from "svelte";

import type { OpenedFile } from "../share/openedElsewhere";
import type { StudioData } from "../studio/data";
import { storageOf } from "../studio/storage";
import { reasonOf } from "../studio/reach";
import { translator } from "../text/messages";
import { fetchOutline } from "./outline";
import { checkedPinned, type WorldScene } from "./scene";
import type { Outline } from "./types";
import { arrivedAt } from "./kept";
import { presetOf } from "./preset";
import { tensorsOf } from "./cells";
import { World } from "./world.svelte";
import WorldRoot from "./WorldRoot.svelte";

/** In another page's frame nothing of earlier visits counts. */
const NOTHING = { getItem: () => null, setItem: () => undefined, removeItem: () => undefined };

/** Shows a network of any kind in the page's place for the studio. */
export async function mountWorld(target: HTMLElement, data: StudioData, outline: Outline, opened: OpenedFile | null): Promise<void> {
  const fragment = location.hash.slice(1);
  const { scene, earlier, problem } = await arrivedAt(data.embed ? NOTHING : storageOf(window, "localStorage"), outline.id, fragment, isAgain(), tensorsOf(outline));
  const [begun, offered] = await Promise.all([scene, earlier].map((each) => withPinned(each, outline, data)));
  const world = new World(data, outline, { opened, scene: begun!.scene, preset: await presetOf(data, scene?.preset ?? null) });
  const trouble = problem === null ? (begun!.problem ?? offered!.problem) : world.t(problem);
  if (trouble !== null) world.notices.problem = trouble;
  world.goAhead();
  target.replaceChildren();
  mount(WorldRoot, { target, props: { first: world, offered: offered!.scene, file: opened } });
  flushSync();
}

/** A scene with the network that its pinned state is of; where that is gone, without it, and why. */
async function withPinned(scene: WorldScene | null, outline: Outline, { language, messages }: StudioData): Promise<{ scene: WorldScene | null; problem: string | null }> {
  if (!scene?.pinned) return { scene, problem: null };
  const { pinned, ...alone } = scene;
  try {
    const own = pinned.network === outline.id ? outline : await fetchOutline(pinned.network, language);
    return { scene: { ...alone, pinned: checkedPinned(pinned, own) }, problem: null };
  } catch (error) {
    const t = translator(messages);
    return { scene: alone, problem: t("studio.pin-failed", { reason: reasonOf(error, t) }) };
  }
}

/** Whether this page was there before, and is loaded anew. */
function isAgain(): boolean {
  const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return navigation?.type === "reload" || navigation?.type === "back_forward";
}
