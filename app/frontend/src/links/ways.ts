/** How a selected number's parts reach it: beams from windows, curves from cells. */
import type { Layout } from "../world/place";
import type { Box, Cell, PlacedBody } from "../world/types";
import { weightsBetween } from "./dense";
import { gapsOf } from "./gaps";
import { arriving, beam, curve, leaving, type Flow } from "./lines";
import { around, windowsOf, type Made, type Window } from "./windows";

export interface Way {
  /** A ring around what gives, and the line or the beam from it. */
  readonly ring: Box;
  readonly path: string;
  readonly sort: "beam" | "line";
  /** Of a product of two values the second one's is told apart. */
  readonly second: boolean;
}

/** More beams than this hide what they are of: the windows are ringed, and one goes out from all of them. */
const MOST_BEAMS = 6;
/** How far beneath a row of numbers the line of one of them runs. */
const BENEATH = 5;
/** More rings than this are one. */
const MOST_RINGS = 64;

type Bodies = (tensor: string) => PlacedBody | null;

/** The body that shows a tensor: its own, its layer's, or the card that it is folded into. */
export function bodiesOf({ bodies, cards }: Pick<Layout, "bodies" | "cards">): Bodies {
  const known = new Map<string, PlacedBody>();
  for (const { block, box } of cards) {
    const folded = { index: -1, box, isWhole: false, cellBox: () => null, cellAt: () => null };
    for (const { activations, preActivations } of block.layers) {
      for (const tensor of [activations, preActivations]) if (tensor) known.set(tensor.name, { ...folded, tensor });
    }
  }
  for (const body of bodies) {
    known.set(body.tensor.name, body);
    const before = body.block.layer?.preActivations;
    if (before) known.set(before.name, body);
  }
  return (tensor) => known.get(tensor) ?? null;
}

/** The ways to a cell of all that it is made of. */
export function waysTo(cell: Cell, parts: readonly Made[], layout: Layout, flow: Flow): Way[] {
  const bodyOf = bodiesOf(layout);
  const own = bodyOf(cell.tensor);
  const to = own?.cellBox(cell.at) ?? own?.box;
  if (!own || !to) return [];
  // Its edges say it, one by one.
  const edges = new Set(gapsOf(layout).flatMap((gap) => (gap.taker?.tensor.name === own.tensor.name && weightsBetween(gap) ? [gap.giver!.tensor.name] : [])));
  const isWay = (tensor: string): boolean => tensor !== own.tensor.name && !edges.has(tensor);
  const shown = parts.filter((part) => part.cell && isWay(bodyOf(part.cell.tensor)?.tensor.name ?? own.tensor.name));
  const windows = windowsOf(shown, bodyOf);
  const firstRole = windows[0]?.role;
  return [...grouped(windows)].flatMap((group) => waysOf(group, to, flow, group[0]!.role !== firstRole));
}

/** Those of one body and role. */
function grouped(windows: readonly Window[]): Iterable<Window[]> {
  const groups = new Map<string, Window[]>();
  for (const window of windows) {
    const key = `${window.body.tensor.name} ${window.role}`;
    const group = groups.get(key);
    if (group) group.push(window);
    else groups.set(key, [window]);
  }
  return groups.values();
}

function waysOf(windows: readonly Window[], to: Box, flow: Flow, second: boolean): Way[] {
  const boxes = windows.map(({ box }) => box);
  if (boxes.length > MOST_RINGS) return [wayOf(around(boxes), to, flow, second, windows)];
  if (boxes.length <= MOST_BEAMS) return boxes.map((box) => wayOf(box, to, flow, second, windows));
  return [...boxes.map((ring): Way => ({ ring, path: "", sort: "line", second })), wayOf(around(boxes), to, flow, second, windows)];
}

function wayOf(ring: Box, to: Box, flow: Flow, second: boolean, windows: readonly Window[]): Way {
  const behind = flow === "right" ? ring.x + ring.width > to.x : ring.y + ring.height > to.y;
  const several = windows.some(({ cells }) => cells.length > 1);
  if (several && !behind) return { ring, path: beam(ring, to), sort: "beam", second };
  const { x, y, width, height } = windows[0]!.body.box;
  const end = x + width;
  // Out of a row of numbers it goes beneath those beside it.
  if (flow === "right" && ring.x + ring.width < end - 1 && ring.height > height / 2 && to.x > end) {
    const [middle, low] = [ring.x + ring.width / 2, y + height + BENEATH];
    return { ring, path: `M${middle} ${ring.y + ring.height}Q${middle} ${low} ${middle + BENEATH} ${low}L${curve({ x: end, y: low }, arriving(to, flow), flow).slice(1)}`, sort: "line", second };
  }
  return { ring, path: curve(leaving(ring, flow), arriving(to, flow), flow), sort: "line", second };
}
