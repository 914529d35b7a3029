import { arrived } from "./share/arrivals";
import type { Arrived } from "./share/arrived";
import type { OpenedFile } from "./share/openedElsewhere";
import type { openStored } from "./share/openStored";
import { readStudioData, type StudioData } from "./studio/data";
import { translator } from "./text/messages";
import { bearTranslation } from "./text/translation";
import type { Outline } from "./world/types";
import "./styles/tokens.css";
import "./styles/base.css";

/** What shows a network. Each page has one of the two at hand, and brings the other where the address turns out to need it. */
export interface Ways {
  dense: () => Promise<(target: HTMLElement, data: StudioData, found: Arrived) => void>;
  world: () => Promise<(target: HTMLElement, data: StudioData, outline: Outline, opened: OpenedFile | null) => Promise<void>>;
  stored: () => Promise<typeof openStored>;
}

/** Shows what the address, or what this browser kept, asks for. */
export async function start({ dense, world, stored }: Ways): Promise<void> {
  const target = document.getElementById("studio");
  if (!target) throw new Error("the page has no place for the studio");
  const data = readStudioData(document);
  const found = await arrived(data, stored);
  bearTranslation(document.body);
  if (data.embed && found.problem !== null) tellWhy(target, data);
  else if (found.world) await (await world())(target, data, found.world, found.file ?? null);
  else (await dense())(target, data, found);
}

/** In another page's frame only the link's own network may stand, and no other in its place. */
function tellWhy(target: HTMLElement, { messages }: StudioData): void {
  const words = target.querySelector(".not-started")!;
  words.textContent = translator(messages)(origin === "null" ? "studio.cut-off" : "studio.frame-unreadable");
  for (const each of target.querySelectorAll(".not-started")) each.classList.remove("not-started");
}
