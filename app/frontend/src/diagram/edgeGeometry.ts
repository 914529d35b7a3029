/** Where the edges run, in CSS pixels: between the neurons that a layout has placed. */

import type { DiagramLayout, Point } from "./layout";

/** Where the edge into `layer` from `from` to `to` leaves and arrives. */
export function edgeEnds(layout: DiagramLayout, layer: number, from: number, to: number): [Point, Point] {
  const start = layout.centers[layer - 1]![from]!;
  const end = layout.centers[layer]![to]!;
  const [leaves, arrives] = [layout.layers[layer - 1]!.radius, layout.layers[layer]!.radius];
  return layout.flow === "right"
    ? [{ x: start.x + leaves, y: start.y }, { x: end.x - arrives, y: end.y }]
    : [{ x: start.x, y: start.y + leaves }, { x: end.x, y: end.y - arrives }];
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

/** Half of what a weight takes along the flow. */
const HALF_LABEL = { right: 26, down: 9 };

/** `taken`: how far along the flow the numbers of the neurons that the edge leaves reach over it. */
export function edgeLabelPlace(layout: DiagramLayout, layer: number, from: number, to: number, taken = 0): Point {
  const [start, end] = edgeEnds(layout, layer, from, to);
  const length = layout.flow === "right" ? end.x - start.x : end.y - start.y;
  const least = taken === 0 ? 0 : parameterAt(Math.min(1, (taken + HALF_LABEL[layout.flow]) / length));
  return edgePoint(layout, layer, from, to, Math.max(LABEL_PLACES[layout.flow], least));
}

/** How thick the edges into a layer are drawn, as a part of their full width: thin between small neurons. */
export function edgeScale({ layers }: DiagramLayout, layer: number): number {
  const ends = [layers[layer - 1]!, layers[layer]!];
  if (ends.every(({ roomy }) => roomy)) return 1;
  return Math.max(0.25, Math.min(1, ...ends.map(({ radius }) => radius / 30)));
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
    const start = (right ? sources[0]!.x : sources[0]!.y) + layout.layers[layer - 1]!.radius;
    const end = (right ? targets[0]!.x : targets[0]!.y) - layout.layers[layer]!.radius;
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
