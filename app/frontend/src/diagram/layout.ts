/** Where everything of the diagram stands, in CSS pixels. Pure: sizes and a frame in, points out. */

export interface Point {
  x: number;
  y: number;
}

/** right: layers are columns, values flow to the right; down: layers are rows, for narrow screens. */
export type Flow = "right" | "down";

export interface Frame {
  width: number;
  height: number;
  flow: Flow;
}

export interface DiagramLayout extends Frame {
  /** Half the width of a neuron; its circle's radius. */
  radius: number;
  /** Centre of every neuron; layer 0 is the inputs. */
  centers: Point[][];
  /** The middle of each layer's head (right), or the left end of its line (down). */
  heads: Point[];
  /** Pixels that each head may take across: what lies between two columns (right), or the whole width (down). */
  room: number;
  /** Room for a number inside, and for names around. */
  roomy: boolean;
  /** Room for a short number inside at least. */
  numbered: boolean;
  /** Room for the bias tabs too: none lies over a neuron or a name. */
  tabs: boolean;
  /** A row so full that a name has no room beside its neuron, and stands in it. */
  tight: boolean;
}

const LARGEST_RADIUS = 40;
const LARGEST_ROW_RADIUS = 33;
const LARGEST_GAP = 220;
const HEAD_HEIGHT = 84;
const NAME_HEIGHT = 30;
/** What stays free between two neurons of a column that have no names. */
const BETWEEN = 8;
/** Half of a head's title and size line: the outer columns stand far enough inside that no head is cut. */
const HALF_HEAD = 60;
const ROW_HEAD_HEIGHT = 48;
const SIDE = 20;
/** What a bias tab to the left of a neuron and a name to its right take in a row. */
const TAB_AND_NAME = 84;
/** In a column: what a name with its number takes to the right of its neuron's centre. */
const HALF_NAME = 48;
/** A name beside a neuron in a row. */
const NAME_WIDTH = 32;
const ROOMY_RADIUS = 21;
const NUMBERED_RADIUS = 18;

export function layoutDiagram(sizes: readonly number[], frame: Frame): DiagramLayout {
  return frame.flow === "right" ? columns(sizes, frame) : rows(sizes, frame);
}

function columns(sizes: readonly number[], frame: Frame): DiagramLayout {
  const widest = Math.max(...sizes, 1);
  const top = HEAD_HEIGHT;
  const usable = Math.max(frame.height - top, 40);
  const across = (frame.width / sizes.length) * 0.45;
  const named = radiusFor(usable / widest - NAME_HEIGHT, across);
  const roomy = named >= ROOMY_RADIUS;
  // Without names beneath, neurons take the room that these would have had.
  const radius = roomy ? named : Math.min(ROOMY_RADIUS - 1, radiusFor(usable / widest - BETWEEN, across));
  const left = Math.max(HALF_HEAD, radius + SIDE + (roomy ? 36 : 0));
  const step = sizes.length > 1 ? (frame.width - 2 * left) / (sizes.length - 1) : 0;
  const middle = top + (usable - (roomy ? NAME_HEIGHT : 0)) / 2;
  const centers = sizes.map((size, layer) => {
    const gap = Math.min(usable / size, LARGEST_GAP);
    const x = sizes.length > 1 ? left + layer * step : frame.width / 2;
    return Array.from({ length: size }, (_, j) => ({ x, y: middle + (j - (size - 1) / 2) * gap }));
  });
  const heads = centers.map((layer) => ({ x: layer[0]?.x ?? 0, y: 0 }));
  const room = step || frame.width;
  const tabs = roomy && room >= Math.max(radius, HALF_NAME) - biasTabPlace({ flow: "right", radius }).x;
  return { ...frame, radius, centers, heads, room, roomy, numbered: radius >= NUMBERED_RADIUS, tabs, tight: false };
}

function rows(sizes: readonly number[], frame: Frame): DiagramLayout {
  const widest = Math.max(...sizes, 1);
  const bandHeight = frame.height / sizes.length;
  const usable = frame.width - 2 * SIDE;
  const radius = radiusFor(usable / widest - 12, bandHeight - ROW_HEAD_HEIGHT - NAME_HEIGHT, 2 * LARGEST_ROW_RADIUS);
  const centers = sizes.map((size, layer) => {
    const gap = Math.min(usable / size, LARGEST_GAP);
    const y = layer * bandHeight + ROW_HEAD_HEIGHT + radius;
    return Array.from({ length: size }, (_, j) => ({ x: frame.width / 2 + (j - (size - 1) / 2) * gap, y }));
  });
  const heads = centers.map((_, layer) => ({ x: SIDE, y: layer * bandHeight }));
  const roomy = radius >= ROOMY_RADIUS;
  const gap = Math.min(usable / Math.max(...sizes.slice(1), 1), LARGEST_GAP);
  const tabs = roomy && gap >= 2 * radius + TAB_AND_NAME;
  const tight = roomy && Math.min(usable / widest, LARGEST_GAP) < 2 * radius + NAME_WIDTH;
  return { ...frame, radius, centers, heads, room: frame.width, roomy, numbered: radius >= NUMBERED_RADIUS, tabs, tight };
}

/** The largest radius whose circle fits both spans, from 4 px to 40 px. */
function radiusFor(...spans: number[]): number {
  return Math.max(4, Math.min(LARGEST_RADIUS, ...spans.map((span) => span / 2)));
}

/** Where the edge into `layer` from `from` to `to` leaves and arrives. */
export function edgeEnds(layout: DiagramLayout, layer: number, from: number, to: number): [Point, Point] {
  const start = layout.centers[layer - 1]![from]!;
  const end = layout.centers[layer]![to]!;
  const r = layout.radius;
  return layout.flow === "right"
    ? [{ x: start.x + r, y: start.y }, { x: end.x - r, y: end.y }]
    : [{ x: start.x, y: start.y + r }, { x: end.x, y: end.y - r }];
}

/** The edge as an SVG path: a curve that leaves and arrives along the flow. */
export function edgePath(layout: DiagramLayout, layer: number, from: number, to: number): string {
  const [a, b] = edgeEnds(layout, layer, from, to);
  if (layout.flow === "right") {
    const middle = round((a.x + b.x) / 2);
    return `M${round(a.x)} ${round(a.y)}C${middle} ${round(a.y)} ${middle} ${round(b.y)} ${round(b.x)} ${round(b.y)}`;
  }
  const middle = round((a.y + b.y) / 2);
  return `M${round(a.x)} ${round(a.y)}C${round(a.x)} ${middle} ${round(b.x)} ${middle} ${round(b.x)} ${round(b.y)}`;
}

/** The point of an edge at curve parameter t (0: leaves, 1: arrives). */
export function edgePoint(layout: DiagramLayout, layer: number, from: number, to: number, t: number): Point {
  const [a, b] = edgeEnds(layout, layer, from, to);
  const along = alongFlow(t);
  const across = acrossFlow(t);
  return layout.flow === "right"
    ? { x: a.x + (b.x - a.x) * along, y: a.y + (b.y - a.y) * across }
    : { x: a.x + (b.x - a.x) * across, y: a.y + (b.y - a.y) * along };
}

/** Progress along the flow of a cubic whose control points stand half way. */
const alongFlow = (t: number): number => 1.5 * t - 1.5 * t * t + t * t * t;
const acrossFlow = (t: number): number => 3 * t * t - 2 * t * t * t;

/** The parameter at which the curve has come `progress` (0 to 1) along the flow. */
function parameterAt(progress: number): number {
  let low = 0;
  let high = 1;
  for (let i = 0; i < 24; i++) {
    const middle = (low + high) / 2;
    if (alongFlow(middle) < progress) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Where along an edge its weight is written: before the edges cross, or in rows before the next layer's head. */
const LABEL_PLACES = { right: 0.36, down: 0.2 };

export function edgeLabelPlace(layout: DiagramLayout, layer: number, from: number, to: number): Point {
  return edgePoint(layout, layer, from, to, LABEL_PLACES[layout.flow]);
}

/** The bias tab, from its neuron's centre: on the left rim, where no edge arrives; above its middle in columns. */
export function biasTabPlace({ flow, radius }: Pick<DiagramLayout, "flow" | "radius">): Point & { width: number; height: number } {
  const [width, height] = [64, 20];
  return flow === "right"
    ? { x: -radius * 0.62 - width + 5, y: -radius * 0.78 - height, width, height }
    : { x: -radius - width + 7, y: -height / 2, width, height };
}

export interface EdgeAddress {
  layer: number;
  from: number;
  to: number;
}

/** The edge nearest to a point, measured across the flow; null where none is within `tolerance` pixels. */
export function nearestEdge(layout: DiagramLayout, point: Point, tolerance: number): EdgeAddress | null {
  const right = layout.flow === "right";
  const u = right ? point.x : point.y;
  const v = right ? point.y : point.x;
  let best: EdgeAddress | null = null;
  let bestDistance = tolerance;
  for (let layer = 1; layer < layout.centers.length; layer++) {
    const sources = layout.centers[layer - 1]!;
    const targets = layout.centers[layer]!;
    if (sources.length === 0 || targets.length === 0) continue;
    const start = (right ? sources[0]!.x : sources[0]!.y) + layout.radius;
    const end = (right ? targets[0]!.x : targets[0]!.y) - layout.radius;
    if (u < start || u > end || end <= start) continue;
    const across = acrossFlow(parameterAt((u - start) / (end - start)));
    for (let from = 0; from < sources.length; from++) {
      const v0 = right ? sources[from]!.y : sources[from]!.x;
      for (let to = 0; to < targets.length; to++) {
        const v1 = right ? targets[to]!.y : targets[to]!.x;
        const distance = Math.abs(v0 + (v1 - v0) * across - v);
        if (distance <= bestDistance) {
          bestDistance = distance;
          best = { layer, from, to };
        }
      }
    }
  }
  return best;
}

const round = (value: number): number => Math.round(value * 10) / 10;
