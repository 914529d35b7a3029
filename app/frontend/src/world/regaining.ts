import type { ProblemDocument } from "../live/protocol";
import { isGone } from "../studio/reach";
import type { Translate } from "../text/messages";
import { remade } from "./recipes";

/** What a problem points at that is about no value: nothing was opened that the command could be about. */
const COMMAND = "/op";

interface Losing {
  readonly outline: { readonly id: string };
  readonly language: string;
  readonly t: Translate;
  readonly wire: { reopen(): void; refused(words: string): void };
}

/** What becomes of a problem that says the server has lost this network: it is made again, or the learner is told what to do. Gives whether a problem is of that kind. */
export function regaining(world: Losing): (problem: ProblemDocument) => boolean {
  let busy = false;
  return (problem) => {
    // Of a network that could not be opened all else is refused too, which is no news.
    if (busy || problem.errors?.some(({ pointer }) => pointer === COMMAND)) return true;
    if (!isGone(problem)) return false;
    busy = true;
    void remade(world.outline.id, world.language).then((back) => {
      busy = false;
      if (back) world.wire.reopen();
      else world.wire.refused(world.t("studio.network-gone"));
    });
    return true;
  };
}
