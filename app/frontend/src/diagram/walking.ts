import type { DiagramLayout } from "./layout";

/** From neuron to neuron with the arrow keys, by where they stand. */

export interface Place {
  layer: number;
  neuron: number;
}

type Way = "before" | "after" | "earlier" | "later";

const WAYS: Record<DiagramLayout["flow"], Record<string, Way>> = {
  right: { ArrowUp: "before", ArrowDown: "after", ArrowLeft: "earlier", ArrowRight: "later" },
  down: { ArrowLeft: "before", ArrowRight: "after", ArrowUp: "earlier", ArrowDown: "later" },
};

/**
 * Where a key leads from a neuron: within its layer, or to the nearest neuron of the layer before or after. Home and End
 * lead to a layer's ends. Null for any other key, and where there is nothing further.
 */
export function walked(layout: Pick<DiagramLayout, "flow" | "centers">, from: Place, key: string): Place | null {
  const { centers, flow } = layout;
  const last = centers[from.layer]!.length - 1;
  if (key === "Home") return { ...from, neuron: 0 };
  if (key === "End") return { ...from, neuron: last };
  const way = WAYS[flow][key];
  if (way === undefined) return null;
  if (way === "before") return from.neuron > 0 ? { ...from, neuron: from.neuron - 1 } : null;
  if (way === "after") return from.neuron < last ? { ...from, neuron: from.neuron + 1 } : null;
  const layer = from.layer + (way === "later" ? 1 : -1);
  const there = centers[layer];
  if (!there || there.length === 0) return null;
  const across = flow === "right" ? "y" : "x";
  const here = centers[from.layer]![from.neuron]![across];
  const away = there.map((center) => Math.abs(center[across] - here));
  return { layer, neuron: away.indexOf(Math.min(...away)) };
}
