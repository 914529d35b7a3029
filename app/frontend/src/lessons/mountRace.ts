import { flushSync, mount } from "svelte";

import { translator } from "../text/messages";
import type { LessonData, RacePieceData } from "./data";
import type { LivePiece, Pointed } from "./pieces";
import Race from "./Race.svelte";

export function mountRace(stage: HTMLElement, piece: RacePieceData, data: LessonData, pointed: Pointed): LivePiece {
  stage.replaceChildren();
  const { sizes, loop } = piece;
  const props = { sizes, loop, t: translator(data.messages), language: data.language, pointed };
  const live = mount(Race, { target: stage, props });
  flushSync();
  return live as LivePiece;
}
