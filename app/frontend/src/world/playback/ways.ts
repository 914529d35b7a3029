import { weightsBetween, wayBetween } from "../../links/dense";
import { gapsOf, type Gap } from "../../links/gaps";
import { linesBetween } from "../../links/kinds";
import { arriving, curve, leaving } from "../../links/lines";
import type { Layout } from "../place";

/** Above this many edges one way is lit for all. */
const MOST_EDGES = 160;

/** The ways into a block from all that it takes from: edge by edge where those are few. */
export const waysInto = (id: string, layout: Layout): string[] =>
  gapsOf(layout)
    .filter(({ to }) => to.block.id === id)
    .flatMap(waysOf);

function waysOf(gap: Gap): string[] {
  const weights = weightsBetween(gap);
  if (!weights) return linesBetween(gap, "right").flatMap(({ path, sort }) => (sort === "brace" ? [] : [path]));
  const way = wayBetween(gap, "right");
  const [from, to] = weights.shape as [number, number];
  if (!way || from * to > MOST_EDGES) return [curve(leaving(gap.from.box, "right"), arriving(gap.to.box, "right"), "right")];
  return Array.from({ length: from * to }, (_, edge) => curve({ x: way.start, y: way.sources[Math.floor(edge / to)]! }, { x: way.end, y: way.targets[edge % to]! }, "right"));
}
