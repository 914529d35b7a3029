import type { ProblemDocument } from "../live/protocol";
import { isGone } from "../studio/reach";
import { remade } from "./recipes";
import type { World } from "./world.svelte";

/** What becomes of a problem that says the server has lost this network: it is made again, or the learner is told what to do. Gives whether a problem is of that kind. */
export function regaining(world: World): (problem: ProblemDocument) => boolean {
  let busy = false;
  return (problem) => {
    // Of a network that could not be opened all else is refused too.
    if (busy) return true;
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
