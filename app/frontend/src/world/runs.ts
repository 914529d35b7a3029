import type { Translate } from "../text/messages";
import { moduleOf, type Unfolded } from "./blocks";
import type { Step } from "./steps";
import type { LayerOutline } from "./types";

/** What a run of layers is called that have no module of their own: by the one that they stand in, and which step of it they are, or their numbers. */
export function runTitle(t: Translate, layers: readonly LayerOutline[], step?: Step): string {
  if (step) return t(step.to > step.from ? "world.steps" : step.rounds > 1 ? "world.step-of-round" : "world.step", { ...step });
  const [module, from, to] = [moduleOf(layers), layers[0]!.index + 1, layers.at(-1)!.index + 1];
  return module === "" ? t("world.run", { from, to }) : t("world.run-of", { module, from, to });
}

/** The path of a module as it reads within the unfolded ones around it, whose frames say theirs; `depth`: of how many of them it stands in. */
export function pathWithin(path: string, layer: number, groups: readonly Unfolded[], depth = Infinity): string {
  const around = groups.filter((group) => group.depth < depth && group.layers.has(layer) && path.startsWith(`${group.path}.`));
  const longest = around.reduce((most, group) => Math.max(most, group.path.length), 0);
  return longest === 0 ? path : path.slice(longest + 1);
}
