import { flushSync, mount } from "svelte";

import { translator } from "../text/messages";
import type { LessonData, RacePieceData } from "./data";
import type { LivePiece } from "./pieces";
import Race from "./Race.svelte";

export function mountRace(stage: HTMLElement, piece: RacePieceData, data: LessonData): LivePiece {
  stage.replaceChildren();
  mount(Race, { target: stage, props: { sizes: piece.sizes, t: translator(data.messages), language: data.language } });
  flushSync();
  return { point: () => undefined };
}
