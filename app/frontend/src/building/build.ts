import { OF_NETWORK } from "../later/parts";
import type { Building } from "./building.svelte";

type Verbs = typeof import("./verbs");
type Said<Verb extends keyof Verbs> = Verbs[Verb] extends (building: Building, ...said: infer Said) => Promise<void> ? Said : never;

/** Does what a verb of verbs.ts says; the page learns them when it is first asked to. */
export async function build<Verb extends keyof Verbs>(building: Building, verb: Verb, ...said: Said<Verb>): Promise<void> {
  try {
    const verbs: Verbs = OF_NETWORK.loaded ?? (await OF_NETWORK.load());
    await (verbs[verb] as unknown as (building: Building, ...said: Said<Verb>) => Promise<void>)(building, ...said);
  } catch {
    building.site.notices.problem = building.site.t("studio.part-missing");
  }
}
