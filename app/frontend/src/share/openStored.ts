import { isDrawable } from "../model/drawable";
import type { StudioData } from "../studio/data";
import { reasonOf } from "../studio/reach";
import { storageOf } from "../studio/storage";
import { translator } from "../text/messages";
import { fetchOutline, outlineOf } from "../world/outline";
import { isLost, remade, withNetwork } from "../world/recipes";
import type { Outline } from "../world/types";
import type { Arrived } from "./arrived";
import { openKept } from "./files";
import { arriveOpened } from "./openedElsewhere";
import { sceneOf } from "./scene";

/** How much of an id tells networks apart for people. */
const SHORT_ID = 12;

const toldByPage = ({ outline, ...told }: NonNullable<StudioData["network"]>): Told => ({ ...told, outline: outline && outlineOf(outline) });

interface Told {
  id: string;
  parameters?: number;
  sizes?: number[] | undefined;
  dtype?: string;
  outline?: Outline | undefined;
}

/** What the page does not say of a network: where a key is needed for it, or where it was lost when the page was made, and is there again. */
async function askedFor(id: string, language: string): Promise<Told> {
  const outline = await withNetwork(id, language, () => fetchOutline(id, language));
  return { id, parameters: outline.parameters, sizes: chainSizes(outline), dtype: outline.dtype, outline };
}

/** How wide a chain of dense layers is, from its inputs on; undefined for any other network. */
function chainSizes({ inputs, layers }: Outline): number[] | undefined {
  const chain = [inputs[0]!, ...layers.map(({ activations }) => activations)];
  const isChain = inputs.length === 1 && layers.every(({ kind, takes }, k) => kind === "dense" && takes.length === 1 && takes[0] === chain[k]!.name);
  return isChain && chain[0]!.shape.length === 1 ? chain.map(({ shape }) => shape.at(-1)!) : undefined;
}

/** The stored network that the page's address names: as a scene, or, where the studio of small dense ones does not draw it, as an outline. */
export async function openStored(network: NonNullable<StudioData["network"]>, { language, messages }: StudioData): Promise<Arrived> {
  const t = translator(messages);
  const name = network.id.slice(0, SHORT_ID);
  const lost: Arrived = { arrival: null, problem: t("studio.no-network", { id: name }) };
  try {
    if (network.parameters === undefined && !network.secret && !(await remade(network.id, language))) return lost;
    const { id, sizes, parameters = 0, dtype, outline } = network.parameters !== undefined ? toldByPage(network) : await askedFor(network.id, language);
    const file = arriveOpened(storageOf(window, "sessionStorage"), id);
    const found = sizes && isDrawable(sizes) ? await openKept({ id, sizes, parameters, dtype: dtype ?? "float32", notes: [] }, file?.inputs, language) : null;
    if (!found || "kept" in found) {
      return { arrival: null, problem: null, world: outline ?? (await fetchOutline(id, language)), file };
    }
    return { arrival: { scene: sceneOf(found.state), key: "studio.did-open-file", values: { name: file?.name ?? name } }, problem: null, file };
  } catch (error) {
    if (isLost(error)) return lost;
    return { arrival: null, problem: t("studio.open-failed", { name, reason: reasonOf(error, t) }) };
  }
}
