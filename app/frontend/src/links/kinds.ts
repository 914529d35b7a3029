/** What is drawn of a link while nothing is selected, by the operation between its two bodies: a registry of small parts. */
import { mapBox, mapsOf } from "./ends";
import type { Standing } from "../world/place";
import type { Point } from "../world/types";
import type { Gap } from "./gaps";
import { before } from "./kernels";
import { arc, arriving, bottomOf, brace, curve, leaving, onCurve, type Flow } from "./lines";

export interface Line {
  readonly path: string;
  /** "trunk": all of one body goes into another; "map": one map into another; "past": over what it skips; "brace": taken as one row. */
  readonly sort: "trunk" | "map" | "past" | "brace";
}

type Part = (gap: Gap, flow: Flow) => Line[];

/** More curves than this between maps tell no more than one. */
const MOST_CURVES = 160;

/** One line for all, past what stands in its way. */
function trunk(gap: Gap, flow: Flow): Line[] {
  const { from, to, passed, beneath, past, turns } = gap;
  if (past !== null) return [{ path: arc(from.box, to.box, passed, flow, past, beneath), sort: "past" }];
  return [{ path: way(leaving(from.box, flow), arriving(to.box, flow), turns, flow), sort: "trunk" }];
}

/** A point of the one line that there is for all, or would be: so far along it. Of a line past others the middle. */
export function pointOf({ from, to, passed, beneath, past, turns }: Gap, along: number): Point {
  const [start, end] = [leaving(from.box, "right"), arriving(to.box, "right")];
  if (past === null) return onCurve({ ...start, x: turns.from }, { ...end, x: turns.to }, "right", along);
  const middles = [from.box, to.box].map(({ x, width }) => x + width / 2);
  return { x: (middles[0]! + middles[1]!) / 2, y: bottomOf([from.box, to.box, ...passed, ...beneath.from, ...beneath.to]) + past };
}

/** A curve that goes straight on as long as it is beside something wider. */
function way(start: Point, end: Point, turns: Gap["turns"], flow: Flow): string {
  const along = flow === "right" ? "x" : "y";
  const [a, b] = [{ ...start, [along]: turns.from }, { ...end, [along]: turns.to }];
  const bent = curve(a, b, flow);
  return (turns.from > start[along] ? `M${start.x} ${start.y}L${bent.slice(1)}` : bent) + (turns.to < end[along] ? `L${end.x} ${end.y}` : "");
}

/** Whether its maps stand in one line across the flow: of several, the lines of one would run over another's pictures. */
function inLine(body: Standing, flow: Flow): boolean {
  const side = flow === "right" ? "x" : "y";
  const [first, last] = [mapBox(body, 0), mapBox(body, mapsOf(body.tensor.shape) - 1)];
  return first === null || last === null || Math.abs(first[side] - last[side]) < 1;
}

/** A line from each map to the same one of the other body. */
function mapToMap(gap: Gap, flow: Flow): Line[] {
  const { giver, taker, passed } = gap;
  const maps = giver && taker ? mapsOf(giver.tensor.shape) : 0;
  if (maps < 2 || maps > MOST_CURVES || maps !== mapsOf(taker!.tensor.shape) || passed.length > 0 || !inLine(giver!, flow) || !inLine(taker!, flow)) return trunk(gap, flow);
  return linesOf(gap, flow, Array.from({ length: maps }, (_, map) => [map, map]));
}

/** Every map of one body gives to every map of the other, or, in groups, to those of its own. */
function everyMap(gap: Gap, flow: Flow): Line[] {
  const { giver, taker, layer, passed } = gap;
  if (!giver || !taker || passed.length > 0 || !inLine(giver, flow) || !inLine(taker, flow)) return trunk(gap, flow);
  const [from, to] = [mapsOf(giver.tensor.shape), mapsOf(taker.tensor.shape)];
  const groups = Number(layer?.options["groups"] ?? 1);
  const [each, made] = [from / groups, to / groups];
  if (from * made > MOST_CURVES) return trunk(gap, flow);
  const pairs = Array.from({ length: to }, (_, map) => Array.from({ length: each }, (_, k): [number, number] => [Math.floor(map / made) * each + k, map]));
  // Where its one kernel stands the way is straight.
  return linesOf(gap, flow, pairs.flat(), each === 1);
}

function linesOf(gap: Gap, flow: Flow, pairs: readonly (readonly [number, number])[], straight = false): Line[] {
  const { giver, taker, free } = gap;
  const found = pairs.flatMap(([from, to]): Line[] => {
    const [a, b] = [mapBox(giver!, from), mapBox(taker!, to)];
    if (!a || !b) return [];
    const end = arriving(b, flow);
    if (!straight) return [{ path: curve(leaving(a, flow), end, flow), sort: "map" }];
    const middle = before(b, free, flow);
    return [{ path: `${curve(leaving(a, flow), middle, flow)}L${end.x} ${end.y}`, sort: "map" }];
  });
  return found.length === pairs.length ? found : trunk(gap, flow);
}

/** The numbers are the same ones, in another order or shape. */
function moved(gap: Gap, flow: Flow): Line[] {
  if (gap.passed.length > 0) return trunk(gap, flow);
  const { from, to, turns } = gap;
  const inner = { ...from.box, ...(flow === "right" ? { width: from.box.width + 13 } : { height: from.box.height + 13 }) };
  return [
    { path: brace(from.box, "leaving", flow), sort: "brace" },
    { path: way(leaving(inner, flow), arriving(to.box, flow), { ...turns, from: Math.max(turns.from, leaving(inner, flow)[flow === "right" ? "x" : "y"]) }, flow), sort: "trunk" },
  ];
}

const PARTS: Readonly<Record<string, Part>> = {
  ...of(everyMap, "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
  ...of(
    mapToMap,
    ...["max_pool2d", "avg_pool2d", "adaptive_avg_pool2d", "adaptive_max_pool2d", "batch_norm", "instance_norm", "upsample_nearest"],
    ...["upsample_bilinear2d", "pad", "softmax", "masked_fill", "relu", "gelu", "silu", "sigmoid", "tanh", "add", "mul", "div"],
  ),
  ...of(moved, "reshape", "flatten", "unflatten", "permute", "transpose", "squeeze", "unsqueeze", "select", "slice"),
};

function of(part: Part, ...kinds: string[]): Record<string, Part> {
  return Object.fromEntries(kinds.map((kind) => [kind, part]));
}

/** The still lines of a link. Kinds without a part of their own have one line. */
export const linesBetween = (gap: Gap, flow: Flow): Line[] => (PARTS[gap.layer?.kind ?? ""] ?? trunk)(gap, flow);
