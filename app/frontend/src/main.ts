import { flushSync, mount } from "svelte";

import App from "./App.svelte";
import { arrived } from "./share/arrivals";
import { endOpening } from "./share/opening";
import { readStudioData, type StudioData } from "./studio/data";
import { Studio } from "./studio/studio.svelte";
import { translator } from "./text/messages";
import { bearTranslation } from "./text/translation";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/print.css";

const target = document.getElementById("studio");
if (!target) throw new Error("the page has no place for the studio");

const data = readStudioData(document);
const { arrival, problem, world, file = null } = await arrived(data);
bearTranslation(document.body);
if (data.embed && problem !== null) tellWhy(target, data);
else if (world) await (await import("./world/mountWorld")).mountWorld(target, data, world, file);
else start(target, data);

function start(target: HTMLElement, data: StudioData): void {
  const studio = new Studio(data, arrival);
  studio.notices.problem = problem;
  target.replaceChildren();
  mount(App, { target, props: { studio, file } });
  flushSync();
  // A frame was painted, and the next one begins.
  requestAnimationFrame(() => requestAnimationFrame(() => endOpening()));
  addEventListener("pagehide", () => endOpening());
}

/** In another page's frame only the link's own network may stand, and no other in its place. */
function tellWhy(target: HTMLElement, { messages }: StudioData): void {
  const words = target.querySelector(".not-started")!;
  words.textContent = translator(messages)(origin === "null" ? "studio.cut-off" : "studio.frame-unreadable");
  for (const each of target.querySelectorAll(".not-started")) each.classList.remove("not-started");
}
