import { isDrawable } from "../model/drawable";
import type { StudioData } from "../studio/data";
import { reasonOf } from "../studio/reach";
import { translator } from "../text/messages";
import type { Arrived } from "./arrived";
import { openKept } from "./files";
import { sceneOf } from "./scene";
import { OtherKinds } from "./keptFiles";

/** How much of an id tells networks apart for people. */
const SHORT_ID = 12;

/** The stored network that the page's address names; where it is too large to be drawn, what it is. */
export async function openStored(network: NonNullable<StudioData["network"]>, { language, messages }: StudioData): Promise<Arrived> {
  const t = translator(messages);
  const name = network.id.slice(0, SHORT_ID);
  if ("layers" in network) {
    const reason = t("studio.other-kinds", { kinds: new OtherKinds(network.layers).kinds });
    return { arrival: null, problem: t("studio.open-failed", { name, reason }) };
  }
  if (!("sizes" in network)) return { arrival: null, problem: t("studio.no-network", { id: name }) };
  const kept = { ...network, notes: [] };
  if (!isDrawable(kept.sizes)) return { arrival: null, problem: null, summary: kept };
  try {
    const found = await openKept(kept, undefined, language);
    if ("kept" in found) return { arrival: null, problem: null, summary: kept };
    return { arrival: { scene: sceneOf(found.state), key: "studio.did-open-file", values: { name } }, problem: null };
  } catch (error) {
    return { arrival: null, problem: t("studio.open-failed", { name, reason: reasonOf(error, t) }) };
  }
}
