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
  /** So low, on a phone that lies, that a head is one line: its title and its menu. */
  low?: boolean;
  /** How wide the names of the inputs and of the outputs are, in pixels; where that is not known they get all that they may have. */
  names?: readonly [number, number];
  /** How many times larger than usual all text is; 1 where that is not known. */
  text?: number;
}

/**
 * Where the name and the number of an input or output stand that is too small for them: beside it, on the side away from the
 * network; below it; or below it, turned to run downwards. "none": not even there, only where it is pointed at.
 */
export type Outer = "left" | "right" | "below" | "turned" | "none";

/** How the neurons of one layer are drawn. Each layer has a size of its own: a crowded one leaves the others as they are. */
export interface LayerLayout {
  /** Half the width of a neuron; its circle's radius. */
  radius: number;
  /** From one neuron's centre to the next one's. */
  pitch: number;
  /** Room for a number inside, and for a name around. */
  roomy: boolean;
  /** Room for a short number inside at least. */
  numbered: boolean;
  /** Room for the bias tabs too: none lies over a neuron or a name. */
  tabs: boolean;
  /** A row so full that a name has no room beside its neuron, and stands in it. */
  tight: boolean;
  /** Of an input or output that is not roomy; null for any other layer. */
  outer: Outer | null;
  /** How wide a name may be. */
  nameRoom: number;
}

export interface DiagramLayout extends Frame {
  layers: LayerLayout[];
  /** Centre of every neuron; layer 0 is the inputs. */
  centers: Point[][];
  /** The middle of each layer's head (right), or the left end of its line (down). */
  heads: Point[];
  /** Pixels that each head may take across: what lies between two columns (right), or the whole width (down). */
  room: number;
}

const LARGEST_RADIUS = 40;
const LARGEST_ROW_RADIUS = 33;
const LARGEST_GAP = 220;
/** On a large screen the network grows, and not the paper around it: by how much at most, and from which size on. */
const MOST_GROWN = 1.8;
const USUAL = { width: 1000, height: 640 };
const HEAD_HEIGHT = 84;
const LOW_HEAD_HEIGHT = 52;
const NAME_HEIGHT = 30;
/** What stays free between two neurons of a column that have no names. */
const BETWEEN = 8;
/** Half of a head's title and size line: the outer columns stand far enough inside that no head is cut. */
const HALF_HEAD = 60;
const ROW_HEAD_HEIGHT = 48;
const SIDE = 20;
/** What a bias tab to the left of a neuron and a name to its right take in a row. */
const TAB_AND_NAME = 84;
/** What the next neuron's bias tab leaves of the room beside a neuron in a row. */
const TAB_BESIDE = 72;
/** In a column: what a name with its number takes to the right of its neuron's centre. */
const HALF_NAME = 48;
/** A name beside a neuron in a row. */
const NAME_WIDTH = 32;
const LEAST_NAME_ROOM = 72;
const ROOMY_RADIUS = 21;
const NUMBERED_RADIUS = 18;
/** A name and a number on one line, beside an input or output without room for them; the number alone; around both. */
const OUTER_WIDTH = 116;
export const NUMBER_WIDTH = 50;
const AROUND = 16;
/** Their largest type size. */
export const OUTER_SIZE = 12;
/** The same turned downwards; and one above the other. */
const TURNED_HEIGHT = 84;
const TWO_LINES_HEIGHT = 34;
/** Neurons nearer to one another than this have no room for a line of text each. */
const LEAST_LINE_PITCH = 10.5;
/** Neurons further apart than this have room for a short number below each. */
const LEAST_BELOW_PITCH = 36;
/** The same for a number and its change. */
const LEAST_WIDE_PITCH = 96;
/** Layers whose neurons are at least so large, as a part of the largest, are drawn alike: a hair's difference looks like a fault. */
const ALIKE = 0.75;

export function layoutDiagram(sizes: readonly number[], frame: Frame): DiagramLayout {
  return frame.flow === "right" ? columns(sizes, frame) : rows(sizes, frame);
}

function columns(sizes: readonly number[], frame: Frame): DiagramLayout {
  const last = sizes.length - 1;
  const text = frame.text ?? 1;
  const headHeight = text * (frame.low ? LOW_HEAD_HEIGHT : HEAD_HEIGHT);
  const nameHeight = text * NAME_HEIGHT;
  const usable = Math.max(frame.height - headHeight, 40);
  const across = (frame.width / sizes.length) * 0.45;
  const grown = Math.max(1, Math.min(MOST_GROWN, frame.width / USUAL.width, frame.height / USUAL.height));
  const radii = alike(sizes.map((size) => grown * radiusFor((usable / size - nameHeight) / grown, across / grown)));
  const named = radii.some((radius) => radius >= ROOMY_RADIUS);
  const shapes = sizes.map((size, layer) => {
    const roomy = radii[layer]! >= ROOMY_RADIUS;
    // Without names beneath, neurons take the room that these would have had; the middle stays that of the columns with names.
    const pitch = roomy ? Math.min(usable / size, grown * LARGEST_GAP) : Math.min((usable - (named ? nameHeight : 0)) / size, grown * LARGEST_GAP);
    const radius = roomy ? radii[layer]! : Math.min(ROOMY_RADIUS - 1, radiusFor(pitch - BETWEEN, across));
    const beside: Outer = layer === 0 ? "left" : "right";
    const outer: Outer | null = roomy || (layer !== 0 && layer !== last) ? null : pitch >= LEAST_LINE_PITCH ? beside : "none";
    return { radius, pitch, roomy, numbered: radius >= NUMBERED_RADIUS, outer };
  });
  // With one input or two, outputs may show how they answer to them, and then their numbers stand beside them.
  const inside = (layer: number): boolean => shapes[layer]!.numbered && (layer === 0 || sizes[0]! > 2);
  const outerRoom = (layer: number): number =>
    Math.min(OUTER_WIDTH - AROUND, (frame.names?.[layer === 0 ? 0 : 1] ?? Infinity) + (inside(layer) ? 0 : NUMBER_WIDTH));
  const marginOf = (layer: number): number => {
    const { radius, roomy, outer } = shapes[layer]!;
    return Math.min(frame.width / 3, Math.max(HALF_HEAD, radius + (roomy ? SIDE + 36 : outer === "none" ? SIDE : outerRoom(layer) + AROUND)));
  };
  const [left, right] = [marginOf(0), marginOf(last)];
  const step = last > 0 ? (frame.width - left - right) / last : 0;
  const middle = headHeight + (usable - (named ? nameHeight : 0)) / 2;
  const centers = sizes.map((size, layer) => {
    const x = last > 0 ? left + layer * step : frame.width / 2;
    return Array.from({ length: size }, (_, j) => ({ x, y: middle + (j - (size - 1) / 2) * shapes[layer]!.pitch }));
  });
  const heads = centers.map((layer) => ({ x: layer[0]?.x ?? 0, y: 0 }));
  const room = step || frame.width;
  const layers = shapes.map((shape, layer): LayerLayout => {
    const before = shapes[layer - 1]?.radius ?? 0;
    const tabs = shape.roomy && room >= Math.max(before, HALF_NAME) - biasTabPlace("right", shape.radius).x;
    const { x } = heads[layer]!;
    const within = Math.min(room - 24, 2 * Math.min(x, frame.width - x) - 8);
    return { ...shape, tabs, tight: false, nameRoom: shape.outer ? outerRoom(layer) : within };
  });
  return { ...frame, layers, centers, heads, room };
}

function rows(sizes: readonly number[], frame: Frame): DiagramLayout {
  const last = sizes.length - 1;
  const bandHeight = frame.height / sizes.length;
  const usable = frame.width - 2 * SIDE;
  const spans = sizes.map((size) => usable / size - 12);
  const radii = alike(spans.map((span) => radiusFor(span, bandHeight - ROW_HEAD_HEIGHT - NAME_HEIGHT, 2 * LARGEST_ROW_RADIUS)));
  const layers = sizes.map((size, layer): LayerLayout => {
    const pitch = Math.min(usable / size, LARGEST_GAP);
    const roomy = radii[layer]! >= ROOMY_RADIUS;
    const outer = roomy || (layer !== 0 && layer !== last) ? null : outerOfRow(usable / size);
    const beneath = outer === "turned" ? TURNED_HEIGHT : outer === "below" ? TWO_LINES_HEIGHT : NAME_HEIGHT;
    const radius = roomy ? radii[layer]! : Math.min(radii[layer]!, radiusFor(bandHeight - ROW_HEAD_HEIGHT - beneath));
    const tabs = layer > 0 && roomy && pitch >= 2 * radius + TAB_AND_NAME;
    const tight = roomy && pitch < 2 * radius + NAME_WIDTH;
    const nameRoom = outer === "turned" ? TURNED_HEIGHT : tight || outer ? pitch - 6 : Math.max(NAME_WIDTH, pitch - 2 * radius - (tabs ? TAB_BESIDE : 16));
    return { radius, pitch, roomy, numbered: radius >= NUMBERED_RADIUS, tabs, tight, outer, nameRoom };
  });
  const centers = sizes.map((size, layer) => {
    const { pitch, radius } = layers[layer]!;
    const y = layer * bandHeight + ROW_HEAD_HEIGHT + radius;
    return Array.from({ length: size }, (_, j) => ({ x: frame.width / 2 + (j - (size - 1) / 2) * pitch, y }));
  });
  const heads = centers.map((_, layer) => ({ x: SIDE, y: layer * bandHeight }));
  return { ...frame, layers, centers, heads, room: frame.width };
}

function outerOfRow(pitch: number): Outer {
  if (pitch >= LEAST_BELOW_PITCH) return "below";
  return pitch >= LEAST_LINE_PITCH ? "turned" : "none";
}

/** Whether a row has room for a number and its change on one line below each neuron. */
export const hasWideLine = ({ pitch }: LayerLayout): boolean => pitch >= LEAST_WIDE_PITCH;

/** Whether a name stands below its neuron in a row: a long one that has no room beside it. x₁ and the like have room in it. */
export function nameBelow({ tight, nameRoom }: LayerLayout, name: string): boolean {
  return [...name].length > 4 && (tight || nameRoom < LEAST_NAME_ROOM);
}

/** The largest radius whose circle fits both spans, from 4 px to 40 px. */
function radiusFor(...spans: number[]): number {
  return Math.max(4, Math.min(LARGEST_RADIUS, ...spans.map((span) => span / 2)));
}

/** The radii with those that are nearly the largest made the same. */
function alike(radii: readonly number[]): number[] {
  const near = Math.max(...radii) * ALIKE;
  const common = Math.min(...radii.filter((radius) => radius >= near));
  return radii.map((radius) => (radius >= near ? common : radius));
}

/** The bias tab, from its neuron's centre: on the left rim, where no edge arrives; above its middle in columns. */
export function biasTabPlace(flow: Flow, radius: number): Point & { width: number; height: number } {
  const [width, height] = [64, 20];
  return flow === "right"
    ? { x: -radius * 0.62 - width + 5, y: -radius * 0.78 - height, width, height }
    : { x: -radius - width + 2, y: -height / 2, width, height };
}
