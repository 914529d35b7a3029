import { reach } from "../studio/reach";
import type { LayerOutline, Outline, TensorOutline } from "./types";

/** An outline as the server writes it. */
export interface OutlineDocument {
  id: string;
  inputs: TensorOutline[];
  layers: (Omit<LayerOutline, "preActivations" | "name"> & { name: string | null; pre_activations: TensorOutline | null })[];
  outputs: string[];
  parameters: number;
  dtype: string;
}

export function outlineOf(document: OutlineDocument): Outline {
  const several = modulesOfSeveral(document.layers);
  const layers = document.layers.map(({ pre_activations: preActivations, name, ...layer }) => ({
    ...layer,
    // A place in a sequence, as torch.nn.Sequential counts them, is no name.
    name: name === null || /^\d+$/.test(name) ? named(layer, several) : name,
    preActivations,
  }));
  return { ...document, layers };
}

type Computed = Pick<LayerOutline, "module" | "kind">;

/** The modules that compute in layers of several kinds, as an attention does. */
function modulesOfSeveral(layers: readonly Computed[]): ReadonlySet<string | null> {
  const kinds = new Map<string | null, string>();
  const several = new Set<string | null>();
  for (const { module, kind } of layers) {
    if ((kinds.get(module) ?? kind) !== kind) several.add(module);
    kinds.set(module, kind);
  }
  return several;
}

/** What a layer without a name is called: the end of its module's path, or its kind, where the path says none or is that of many others. */
function named({ module, kind }: Computed, several: ReadonlySet<string | null>): string {
  const last = module?.split(".").at(-1);
  return last === undefined || /^\d+$/.test(last) || several.has(module) ? kind : last;
}

/** GET the outline of a kept network. Throws with the server's own words. */
export async function fetchOutline(id: string, language: string): Promise<Outline> {
  const answer = await reach(`/api/v1/networks/${encodeURIComponent(id)}/outline`, { headers: { "Accept-Language": language } });
  return outlineOf((await answer.json()) as OutlineDocument);
}
