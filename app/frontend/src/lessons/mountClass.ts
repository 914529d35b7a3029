import { reasonOf } from "../studio/reach";
import { translator } from "../text/messages";
import { QUESTION, type Answers } from "./answers";
import type { Assignment } from "./assignment";
import { openNetwork } from "./classNetwork";
import type { LessonData, StudioPart } from "./data";
import { mountStudio } from "./mountStudio";

const PARTS: StudioPart[] = ["inputs", "diagram", "sum"];

/** The network of a teacher's link, with what the link locks and hides; what is wrong with the link where it can't be read. */
export async function mountClass(place: HTMLElement, assignment: Assignment | null, data: LessonData, answers: Answers): Promise<void> {
  const t = translator(data.messages);
  const words = place.querySelector<HTMLElement>(".words")!;
  if (!assignment?.network) {
    words.textContent = t("lessons.script-no-link");
    return;
  }
  try {
    const { preset, trace } = await openNetwork(assignment.network, data.language);
    const hidden: readonly string[] = assignment.hide;
    const show = PARTS.filter((part) => !hidden.includes(part));
    const cover = hidden.includes("outputs") ? { asked: QUESTION, lifted: (then: () => void) => answers.after(QUESTION, then) } : null;
    const layer = preset.layers.length;
    const piece = { kind: "studio", preset, trace, show, lock: assignment.lock, choosable: true } as const;
    mountStudio(place.querySelector<HTMLElement>(".stage")!, { ...piece, select: [layer, 0] }, data, () => undefined, cover);
    words.textContent = "";
    place.dataset["live"] = "true";
  } catch (error) {
    words.textContent = t("lessons.script-refused", { reason: reasonOf(error, t) });
  }
}
