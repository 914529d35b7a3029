import { flushSync, mount } from "svelte";

import { OF_NETWORK } from "../later/parts";
import { loadAhead } from "../parts/part";
import type { LessonData, StudioPieceData } from "./data";
import { LockedStudio } from "./lockedStudio";
import type { Cover, LivePiece, Pointed } from "./pieces";
import StudioPiece from "./StudioPiece.svelte";

/** Some of the studio's components around one network, in place of what the server wrote there. */
export function mountStudio(
  stage: HTMLElement,
  piece: StudioPieceData,
  data: LessonData,
  pointed: Pointed,
  cover: Cover | null,
): LivePiece {
  const { language, messages, activations = [] } = data;
  const lock = piece.lock ?? [];
  // embed: a piece keeps nothing, neither in the address nor in the browser.
  const kept = { languages: [], presets: [], course_address: "", embed: true };
  const handed = { language, messages, preset: piece.preset, trace: piece.trace, activations, ...kept };
  const studio = new LockedStudio(handed, lock);
  const [layer, neuron] = piece.select;
  studio.selected.select({ kind: "neuron", layer, neuron });
  stage.replaceChildren();
  const live = mount(StudioPiece, { target: stage, props: { studio, show: piece.show, lock, choosable: piece.choosable ?? false, pointed, cover } });
  flushSync();
  loadAhead(OF_NETWORK);
  return live as LivePiece;
}
