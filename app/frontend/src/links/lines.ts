/** The lines between bodies, as SVG paths. Lengths are in CSS pixels of the diagram. */
import type { Box, Point } from "../world/types";

export type Flow = "right" | "down";

export const middleOf = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

/** Where a line leaves a box along the flow, and where one arrives. */
export const leaving = (box: Box, flow: Flow): Point =>
  flow === "right" ? { x: box.x + box.width, y: box.y + box.height / 2 } : { x: box.x + box.width / 2, y: box.y + box.height };
export const arriving = (box: Box, flow: Flow): Point =>
  flow === "right" ? { x: box.x, y: box.y + box.height / 2 } : { x: box.x + box.width / 2, y: box.y };

/** A curve that leaves and arrives along the flow. */
export function curve(a: Point, b: Point, flow: Flow): string {
  const [p, q] = controls(a, b, flow);
  return `M${at(a)}C${at(p)} ${at(q)} ${at(b)}`;
}

/** The point of such a curve at t, 0 where it leaves. */
export function onCurve(a: Point, b: Point, flow: Flow, t: number): Point {
  const [p, q] = controls(a, b, flow);
  const s = 1 - t;
  const mixed = (part: "x" | "y"): number =>
    s * s * s * a[part] + 3 * s * s * t * p[part] + 3 * s * t * t * q[part] + t * t * t * b[part];
  return { x: mixed("x"), y: mixed("y") };
}

const controls = (a: Point, b: Point, flow: Flow): [Point, Point] =>
  flow === "right"
    ? [{ x: (a.x + b.x) / 2, y: a.y }, { x: (a.x + b.x) / 2, y: b.y }]
    : [{ x: a.x, y: (a.y + b.y) / 2 }, { x: b.x, y: (a.y + b.y) / 2 }];

/** The outline of both boxes and all that lies between them: what a window gives to a cell. */
export function beam(window: Box, cell: Box): string {
  return `M${hull([...corners(window), ...corners(cell)]).map(at).join("L")}Z`;
}

const corners = ({ x, y, width, height }: Box): Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
];

/** The convex hull, by Andrew's monotone chain. */
export function hull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  const half = (some: readonly Point[]): Point[] => {
    const found: Point[] = [];
    for (const point of some) {
      while (found.length > 1 && turn(found.at(-2)!, found.at(-1)!, point) <= 0) found.pop();
      found.push(point);
    }
    found.pop();
    return found;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

const turn = (a: Point, b: Point, c: Point): number => (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);

/**
 * What stands between a line past others and the far side, in the column of each of its ends, and how far the line goes down beside that
 * column; beside the middle of its end where nothing stands there.
 */
export interface Beneath {
  readonly from: readonly Box[];
  readonly to: readonly Box[];
  readonly lanes?: { readonly from: number; readonly to: number };
}

const NOTHING: Beneath = { from: [], to: [] };

/**
 * A line past what it skips: out of the far side of one box, beyond everything between, and into the other's. Bodies have their names on
 * the near side. `between` are the boxes that it must not touch, `room` is how far it keeps from them. Where something stands `beneath`
 * an end, the line is led past that too, beside the column.
 */
export function arc(from: Box, to: Box, between: readonly Box[], flow: Flow, room = 16, beneath = NOTHING): string {
  if (flow === "right") return arcRight(from, to, between, room, beneath, at);
  const turnedBeneath = { ...beneath, from: beneath.from.map(turned), to: beneath.to.map(turned) };
  return arcRight(turned(from), turned(to), between.map(turned), room, turnedBeneath, ({ x, y }) => at({ x: y, y: x }));
}

/** How far such a line keeps: the more it passes the further out, so that one within another does not lie on it. */
export const pastRoom = (passed: number): number => 8 + 8 * Math.log2(passed + 1);

/** How far lines past others keep from each other, and how much lower one is led for that at most: of more than have room, some lie on one line. */
const APART = { least: 4, most: 96 };

/** A line past others: of a body, from one column to another, as low as it would run by itself. */
export interface Past {
  readonly of: string;
  readonly from: number;
  readonly to: number;
  readonly low: number;
}

/** How low each of these runs, so that none lies on another's, a longer one further out. Those of one body are one line that parts. */
export function apart(lines: readonly Past[]): number[] {
  const forks = new Map<string, Past>();
  for (const line of lines) {
    const fork = forks.get(line.of) ?? line;
    forks.set(line.of, { ...line, to: Math.max(fork.to, line.to), low: Math.max(fork.low, line.low) });
  }
  const placed: Past[] = [];
  const length = ({ from, to }: Past): number => to - from;
  for (const line of [...forks.values()].sort((a, b) => length(a) - length(b) || a.from - b.from)) {
    const beside = placed.filter(({ from, to }) => from < line.to && line.from < to).map(({ low }) => low);
    const led = beside.sort((a, b) => a - b).reduce((low, other) => (Math.abs(low - other) < APART.least ? other + APART.least : low), line.low);
    placed.push({ ...line, low: led - line.low <= APART.most ? led : line.low });
  }
  const lows = new Map(placed.map(({ of, low }) => [of, low]));
  return lines.map(({ of }) => lows.get(of)!);
}

/** How far beside a column such a line goes down, and how round it turns there and beneath. */
export const LANE = 5;
const [TURN, BEND] = [8, 28];

function arcRight(from: Box, to: Box, between: readonly Box[], room: number, beneath: Beneath, put: (point: Point) => string): string {
  const height = bottomOf([from, to, ...between, ...beneath.from, ...beneath.to]) + room;
  const start = wayDown(from, beneath.from, 1, beneath.lanes?.from);
  const end = wayDown(to, beneath.to, -1, beneath.lanes?.to);
  const bend = Math.min(BEND, Math.abs(end.x - start.x) / 3);
  const turn = ({ points }: typeof start): number => Math.max(points.at(-1)!.y, height - bend);
  const [low, foot] = [{ x: start.x, y: height }, { x: end.x, y: height }];
  const rise = [low, low, { x: start.x + bend, y: height }].map(put).join(" ");
  const fall = [foot, foot, { x: end.x, y: turn(end) }].map(put).join(" ");
  const before = [...start.points, { x: start.x, y: turn(start) }].map((point, k) => (k === 0 ? "M" : "L") + put(point)).join("");
  const after = [...end.points].reverse().map((point) => `L${put(point)}`).join("");
  return `${before}C${rise}L${put({ x: end.x - bend, y: height })}C${fall}${after}`;
}

/** Where the lowest of these ends. */
export const bottomOf = (boxes: readonly Box[]): number => Math.max(...boxes.map(({ y, height }) => y + height));

/** From a box down: out of its far side, or out of the side that `sign` says and along its column. */
function wayDown(box: Box, beneath: readonly Box[], sign: 1 | -1, lane = beneath.length === 0 ? 0 : LANE): { x: number; points: readonly Point[] } {
  const middle = middleOf(box);
  if (beneath.length === 0) {
    const x = middle.x + sign * lane;
    return { x, points: [{ x, y: box.y + box.height }] };
  }
  const sides = [box, ...beneath].map(({ x, width }) => (sign > 0 ? x + width : -x));
  const x = sign * (Math.max(...sides) + lane);
  const side = sign > 0 ? box.x + box.width : box.x;
  const corner = sign * Math.min(TURN, Math.abs(x - side));
  return { x, points: [{ x: side, y: middle.y }, { x: x - corner, y: middle.y }, { x, y: middle.y + TURN }] };
}

const turned = ({ x, y, width, height }: Box): Box => ({ x: y, y: x, width: height, height: width });

/** A brace along a side of a body: these numbers are taken as one row. `deep` is how far it reaches out along the flow. */
export function brace(body: Box, side: "leaving" | "arriving", flow: Flow, deep = 10): string {
  const box = flow === "right" ? body : turned(body);
  const sign = side === "leaving" ? 1 : -1;
  const x = side === "leaving" ? box.x + box.width + 3 : box.x - 3;
  const [top, bottom] = [box.y, box.y + box.height];
  const middle = (top + bottom) / 2;
  const half = (sign * deep) / 2;
  const bend = Math.min(deep / 2, (bottom - top) / 4);
  const put = (px: number, py: number): string => at(flow === "right" ? { x: px, y: py } : { x: py, y: px });
  return (
    `M${put(x, top)}Q${put(x + half, top)} ${put(x + half, top + bend)}L${put(x + half, middle - bend)}Q${put(x + half, middle)} ${put(x + 2 * half, middle)}` +
    `Q${put(x + half, middle)} ${put(x + half, middle + bend)}L${put(x + half, bottom - bend)}Q${put(x + half, bottom)} ${put(x, bottom)}`
  );
}

const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
const round = (value: number): number => Math.round(value * 10) / 10;
