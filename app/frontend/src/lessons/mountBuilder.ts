import { flushSync, mount } from "svelte";

import { translator } from "../text/messages";
import Builder from "./Builder.svelte";
import type { LessonData } from "./data";

export function mountBuilder(place: HTMLElement, data: LessonData): void {
  place.replaceChildren();
  mount(Builder, { target: place, props: { data, t: translator(data.messages) } });
  flushSync();
}
