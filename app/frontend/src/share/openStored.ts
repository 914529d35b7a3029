import { isDrawable } from "../model/drawable";
import type { StudioData } from "../studio/data";
import { reasonOf } from "../studio/reach";
import { translator } from "../text/messages";
import { fetchOutline, outlineOf } from "../world/outline";
import type { Arrived } from "./arrived";
import { openKept } from "./files";
import { sceneOf } from "./scene";

/** How much of an id tells networks apart for people. */
const SHORT_ID = 12;

/** The stored network that the page's address names: as a scene, or, where the studio of small dense ones does not draw it, as an outline. */
export async function openStored(network: NonNullable<StudioData["network"]>, { language, messages }: StudioData): Promise<Arrived> {
  const t = translator(messages);
  const name = network.id.slice(0, SHORT_ID);
  const { id, sizes, parameters, dtype, outline } = network;
  if (parameters === undefined) return { arrival: null, problem: t("studio.no-network", { id: name }) };
  try {
    const found = sizes && isDrawable(sizes) ? await openKept({ id, sizes, parameters, dtype: dtype ?? "float32", notes: [] }, undefined, language) : null;
    if (!found || "kept" in found) {
      return { arrival: null, problem: null, world: outline ? outlineOf(outline) : await fetchOutline(id, language) };
    }
    return { arrival: { scene: sceneOf(found.state), key: "studio.did-open-file", values: { name } }, problem: null };
  } catch (error) {
    return { arrival: null, problem: t("studio.open-failed", { name, reason: reasonOf(error, t) }) };
  }
}
