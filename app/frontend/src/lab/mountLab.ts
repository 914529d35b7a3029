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
  const given = piece.scenes[0]!;
  const program = (piece.open && programOf(location.hash)) || given.program;
  const answer = await runProgram(program, language).catch(() => null);
  if (!answer) return null;
  const show = program === given.program ? given.show : Object.keys(answer.tensors);
  const scenes = [{ ...given, program, show }, ...piece.scenes.slice(1)];
  stage.replaceChildren();
  const props = { scenes, first: answer, language, t: translator(data.messages), pointed, open: piece.open };
  const live = mount(Lab, { target: stage, props });
  flushSync();
  return live as LivePiece;
}

/** The program that a link to the lab carries; null where it carries none. */
function programOf(hash: string): string | null {
  const text = /^#program=(.+)$/.exec(hash)?.[1];
  if (text === undefined) return null;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
