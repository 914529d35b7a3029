import { flushSync, mount } from "svelte";

import type { LabPieceData, LessonData } from "../lessons/data";
import type { LivePiece, Pointed } from "../lessons/pieces";
import { translator } from "../text/messages";
import Lab from "./Lab.svelte";
import { runProgram } from "./protocol";

/** The tensor lab in place of what the server wrote there; null, and nothing changed, where no lab answers. */
export async function mountLab(
  stage: HTMLElement,
  piece: LabPieceData,
  data: LessonData,
  pointed: Pointed,
): Promise<LivePiece | null> {
  const { language } = data;
  const scene = piece.scenes[0]!;
  const answer = await runProgram(scene.program, language).catch(() => null);
  if (!answer) return null;
  stage.replaceChildren();
  const props = { scenes: piece.scenes, first: answer, language, t: translator(data.messages), pointed, open: piece.open };
  const live = mount(Lab, { target: stage, props });
  flushSync();
  return live as LivePiece;
}
