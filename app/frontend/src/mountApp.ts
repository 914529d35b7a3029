import { flushSync, mount } from "svelte";

import App from "./App.svelte";
import type { Arrived } from "./share/arrived";
import { endOpening } from "./share/opening";
import type { StudioData } from "./studio/data";
import { Studio } from "./studio/studio.svelte";

/** Shows the studio of dense networks in the page's place for it. */
export function mountApp(target: HTMLElement, data: StudioData, { arrival, problem, file = null }: Arrived): void {
  const studio = new Studio(data, arrival);
  studio.notices.problem = problem;
  target.replaceChildren();
  mount(App, { target, props: { studio, file } });
  flushSync();
  // A frame was painted, and the next one begins.
  requestAnimationFrame(() => requestAnimationFrame(() => endOpening()));
  addEventListener("pagehide", () => endOpening());
}
