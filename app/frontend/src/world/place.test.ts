import { describe, expect, test, vi } from "vitest";

import { largestFew } from "../bodies/largest";
import { gapsOf } from "../links/gaps";
import { kernelPlaces } from "../links/kernels";
import { linesBetween } from "../links/kinds";
import { addPlaces, branchPlaces } from "./addPlaces";
import { blocksOf, unfoldedGroups, type Block, type Unfolded } from "./blocks";
import { layout, LEAST_HEAD, LOW_HEAD, type Frame, type Layout } from "./place";
import type { Box, LayerOutline, Outline } from "./types";

const tensor = (name: string, shape: readonly number[]): LayerOutline["activations"] => ({ name, shape: [...shape], dtype: "float32" });

/** Layers of a kind in a module, each of which takes from the one before, or from those that are said. */
function outlineOf(layers: readonly { shape: readonly number[]; module?: string; takes?: readonly number[] }[]): Outline {
  const named = (index: number): string => (index < 0 ? "inputs" : `layers.${index}.activations`);
  return {
    ...{ id: "x", inputs: [tensor("inputs", [4])], outputs: [named(layers.length - 1)], parameters: 0, dtype: "float32" },
    layers: layers.map(({ shape, module = null, takes }, index) => ({
      ...{ index, kind: "dense", module, name: "dense", options: {}, activation: "identity", parameters: [], preActivations: null, source: null },
      ...{ takes: (takes ?? [index - 1]).map(named), activations: tensor(named(index), shape) },
    })) as unknown as LayerOutline[],
  };
}

const FRAME = { width: 784, height: 673, scale: 1, narrow: false, opened: new Map<string, number>() };
function laid(outline: Outline, frame: Partial<Frame> = {}, unfolded: ReadonlySet<string> = new Set()): Layout {
  return layout(blocksOf(outline, unfolded), unfoldedGroups(outline, unfolded), { ...FRAME, ends: new Set(outline.outputs), ...frame });
}

const isInside = ({ layers }: Unfolded, block: Block): boolean => layers.has((block.sort === "card" ? block.layers[0]! : block.layer)?.index ?? -1);

/** Two branches, one above the other, and a line past both. */
const branches = outlineOf([{ shape: [8] }, { shape: [8] }, { shape: [8], takes: [0] }, { shape: [8], takes: [1, 2, 0] }, { shape: [3] }]);

describe("frames in frames", () => {
  const parts = [0, 1].flatMap((k) => ["a", "b"].map((part) => ({ shape: [6, 6], module: `encoder.layers.${k}.${part}` })));
  const nested = outlineOf([...parts, { shape: [3], module: "head" }]);
  const unfolded = new Set(["encoder@0", "encoder.layers.0@0", "encoder.layers.1@2"]);
  const titles = (found: Layout): string[][] => found.groups.map((frame) => frame.titles.map(({ path }) => path));

  test("have their titles one over the other where there is room", () => {
    const found = laid(nested, {}, unfolded);
    expect(titles(found)).toEqual([["encoder"], ["encoder.layers.0"], ["encoder.layers.1"]]);
    expect(found.groups[1]!.box.y - found.groups[0]!.box.y).toBeGreaterThan(20);
  });

  test("share one line on a low screen, where what they hold keeps its height and nothing scrolls up or down", () => {
    const low = laid(nested, { width: 608, height: 234 }, unfolded);
    expect(low.height).toBe(234);
    expect(titles(low)).toEqual([[], ["encoder", "encoder.layers.0"], ["encoder.layers.1"]]);
    expect(Math.min(...low.groups.map(({ box }) => box.y))).toBeGreaterThanOrEqual(0);
    expect(new Set(low.groups.map(({ box }) => box.y)).size).toBe(2);
  });

  test("ask for no block one by one: many frames around many blocks are laid out as fast as few", () => {
    const many = outlineOf(Array.from({ length: 240 }, (_, k) => ({ shape: [6], module: `net.${Math.floor(k / 40)}.${Math.floor(k / 10)}.${Math.floor(k / 2)}.${k}` })));
    const opened = new Set<string>();
    for (let open = [""]; open.length > 0; open.forEach((id) => opened.add(id))) open = blocksOf(many, opened).flatMap(({ sort, id }) => (sort === "card" ? [id] : []));
    const [blocks, groups] = [blocksOf(many, opened), unfoldedGroups(many, opened)];
    expect([blocks.length, groups.length > 120]).toEqual([241, true]);
    const asked = vi.spyOn(Set.prototype, "has");
    layout(blocks, groups, FRAME);
    const times = asked.mock.calls.length;
    asked.mockRestore();
    expect(times).toBeLessThan(20 * blocks.length);
  });

  test("let no title reach over the next one", () => {
    const before = outlineOf([{ shape: [6], module: "encoder.first" }, ...parts, { shape: [3], module: "head" }]);
    const low = laid(before, { width: 608, height: 234 }, new Set(["encoder@0", "encoder.layers.0@1", "encoder.layers.1@3", "encoder.layers@1"]));
    const [outer, inner] = [low.groups.find(({ group }) => group.path === "encoder")!, low.groups.find(({ group }) => group.path === "encoder.layers.0")!];
    expect(outer.titles.map(({ path }) => path)).toEqual(["encoder"]);
    expect(outer.box.x + outer.room).toBeLessThanOrEqual(inner.box.x + 0.001);
  });
});

describe("a frame", () => {
  const cards = [0, 1].flatMap((k) => ["a", "b"].map((part) => ({ shape: [10, 16], module: `encoder.layers.${k}.${part}` })));
  const encoder = outlineOf([{ shape: [10, 16], module: "embed" }, ...cards, { shape: [16] }, { shape: [3] }]);
  const unfolded = new Set(["encoder@1", "encoder.layers.1@3"]);

  test.each([480, 640, 784, 1400])("crosses nothing that stands beside it, and no head, in a width of %i px", (width) => {
    const { groups, blocks, columns } = laid(encoder, { width }, unfolded);
    expect(groups).toHaveLength(2);
    for (const { group, box: { x, width } } of groups) {
      for (const { block, box, rank, room } of blocks) {
        const written = block.sort === "body" ? room : box.width;
        const middle = columns[rank]!.x + columns[rank]!.width / 2;
        const [left, right] = [Math.min(box.x, middle - written / 2), Math.max(box.x + box.width, middle + written / 2)];
        const layer = block.sort === "card" ? block.layers[0]!.index : block.index - 1;
        if (group.layers.has(layer)) expect([left >= x, right <= x + width], block.id).toEqual([true, true]);
        else expect(right <= x || left >= x + width, block.id).toBe(true);
      }
    }
  });

  test("stands close over cards, which have no head", () => {
    const { groups, cards } = laid(encoder, {}, new Set(["encoder@1"]));
    expect(cards).toHaveLength(2);
    expect(cards[0]!.box.y - groups[0]!.box.y).toBeLessThan(40);
  });
});

test("kernels stand within the frame of the maps that they make", () => {
  const outline = outlineOf([{ shape: [3, 12, 12], module: "body.0" }, { shape: [3, 6, 6], module: "body.1" }, { shape: [4], module: "head" }]);
  const maps = { ...outline, inputs: [tensor("inputs", [1, 12, 12])], layers: outline.layers.map((layer, k) => (k === 0 ? { ...layer, kind: "conv2d", parameters: [tensor("layers.0.weights", [3, 1, 3, 3])] } : layer)) };
  for (const width of [520, 784, 1400]) {
    const found = laid(maps, { width }, new Set(["body@0"]));
    const gap = gapsOf(found).find(({ to }) => to.block.id === "layer0")!;
    const kernels = kernelPlaces({ giver: gap.giver!, taker: gap.taker!, free: gap.free }, [3, 1, 3, 3], 1, null, "right");
    expect(kernels).toHaveLength(3);
    for (const { box } of kernels) expect(box.x).toBeGreaterThan(found.groups[0]!.box.x);
    expect(found.groups[0]!.box.x).toBeGreaterThan(gap.from.box.x + gap.from.box.width);
  }
});

describe("frames over and under others", () => {
  const expert = (k: number): { shape: readonly number[]; module: string; takes?: readonly number[] }[] => [
    { shape: [8], module: `experts.${k}.0`, takes: [-1] },
    { shape: [4], module: `experts.${k}.2` },
  ];
  /** A gate beside three experts, as their author wrote them. */
  const mixture = outlineOf([{ shape: [3], module: "gate" }, { shape: [3, 1] }, ...[0, 1, 2].flatMap(expert), { shape: [3, 4], takes: [3, 5, 7] }, { shape: [4], takes: [1, 8] }]);
  /** One module used for two inputs, and another body between them and what takes from all three. */
  const twice = outlineOf([{ shape: [9], takes: [-1] }, ...[0, 1].flatMap(() => [{ shape: [6], module: "twin.0", takes: [-1] }, { shape: [9], module: "twin.1" }, { shape: [12], module: "twin.2" }]), { shape: [5], takes: [0, 3, 6] }]);
  const meet = (a: Box, b: Box): boolean => a.x + 0.5 < b.x + b.width && b.x + 0.5 < a.x + a.width && a.y + 0.5 < b.y + b.height && b.y + 0.5 < a.y + a.height;

  test.each([
    ["experts", mixture, ["experts@2", "experts.0@2", "experts.1@4", "experts.2@6"]],
    ["a module used twice", twice, ["twin@1"]],
  ] as const)("hold their own members and no others, heads and all: %s", (_, outline, unfolded) => {
    for (const [width, height] of [[390, 420], [608, 234], [784, 673], [1900, 1100]] as const) {
      const { groups, blocks, head } = laid(outline, { width, height, narrow: width < 480 }, new Set(unfolded));
      expect(groups.length).toBe(unfolded.length);
      const whole = blocks.map(({ block, box }) => ({ block, box: { ...box, y: box.y - head + 8, height: box.height + head - 8 } }));
      for (const { group, box } of groups) {
        for (const each of whole) expect(meet(box, each.box), `${group.id} and ${each.block.id} in ${width} px`).toBe(isInside(group, each.block));
        for (const other of groups) if (other.group.depth === group.depth && other.group !== group) expect(meet(box, other.box), `${group.id} and ${other.group.id}`).toBe(false);
      }
    }
  });
});

test("heads have the room that larger text takes", () => {
  expect(laid(branches, { text: 1.5, height: 1200 }).head).toBe(1.5 * laid(branches, { height: 1200 }).head);
});

test("an unfolded step begins where the one before ends, and stands beside it", () => {
  // Of each step, what it takes from a row that is known beforehand, and what it takes from the step before.
  const step = (k: number): { shape: readonly number[]; module: string; takes: readonly number[] }[] => [
    { shape: [3], module: `cell.${k}.in`, takes: [0] },
    { shape: [3], module: `cell.${k}.state`, takes: [Math.max(0, 3 * k)] },
    { shape: [3], module: `cell.${k}.sum`, takes: [3 * k + 1, 3 * k + 2] },
  ];
  const outline = outlineOf([{ shape: [3], takes: [-1] }, ...[0, 1, 2].flatMap(step), { shape: [2] }]);
  const { groups, height } = laid(outline, {}, new Set(["cell@1", "cell.0@1", "cell.1@4", "cell.2@7"]));
  const steps = groups.slice(1).map(({ box }) => box);
  expect(steps).toHaveLength(3);
  for (const [k, box] of steps.slice(1).entries()) expect(box.x).toBeGreaterThanOrEqual(steps[k]!.x + steps[k]!.width);
  expect(height).toBe(FRAME.height);
});

test("a link's room is the one between the columns, not between its two ends", () => {
  const outline = outlineOf([{ shape: [2, 8, 8] }, { shape: [30, 40], takes: [-1] }, { shape: [2, 8, 8], takes: [0] }, { shape: [3], takes: [1, 2] }]);
  const found = laid(outline);
  const gap = gapsOf(found).find(({ to, from }) => from.block.id === "layer0" && to.rank === 2)!;
  const column = found.blocks.filter(({ rank }) => rank === 1).map(({ box }) => box.x + box.width);
  expect(new Set(column).size).toBe(2);
  expect(gap.free).toBeCloseTo(Math.min(...found.blocks.filter(({ rank }) => rank === 2).map(({ box }) => box.x)) - Math.max(...column), 6);
});

test("on a large screen a card grows with what it shows", () => {
  const parts = ["a", "b"].map((part) => ({ shape: [4, 10, 10], module: `attention.${part}` }));
  const outline = outlineOf([...parts, { shape: [3] }]);
  const cardIn = (frame: Partial<Frame>): Layout["cards"][number] => laid(outline, frame).cards[0]!;
  const [usual, large] = [cardIn({}), cardIn({ width: 1900, height: 1100 })];
  expect(usual.block.faces.length).toBeGreaterThan(0);
  expect(large.box.width).toBeGreaterThan(1.4 * usual.box.width);
  expect(large.box.height).toBeGreaterThan(1.25 * usual.box.height);
});

describe("columns", () => {
  const wide = [[4, 64], [4, 64], [6, 32], [6, 32], [6, 32], [6], [3]].map((shape) => ({ shape }));
  const maps = [[6, 28, 28], [6, 14, 14], [16, 10, 10], [16, 5, 5], [400], [120], [84], [10]].map((shape) => ({ shape }));
  test.each([["rows", wide], ["maps", maps]])("of %s that fit a width fit every larger one, and are no smaller there", (_, layers) => {
    const outline = outlineOf(layers);
    const sides = Array.from({ length: 81 }, (_, k) => {
      const width = 600 + 10 * k;
      const found = laid(outline, { width });
      expect(found.width, `${width} px`).toBe(width);
      return found.bodies[1]!.plan.panels[0]!.width;
    });
    sides.reduce((before, side) => {
      expect(side).toBeGreaterThan(0.9 * before);
      return side;
    });
  });

  test("that have to be narrow use the whole height", () => {
    const { bodies, height } = laid(outlineOf(maps), { width: 560, height: 500 });
    const many = bodies[3]!;
    expect(new Set(many.plan.panels.map(({ x }) => x)).size).toBe(1);
    expect(many.box.height).toBeGreaterThan(0.6 * height);
  });
});

describe("where layers are added", () => {
  test("stands at one height over columns of any height", () => {
    const outline = outlineOf([{ shape: [9] }, { shape: [2] }, { shape: [8, 8] }, { shape: [1] }]);
    const places = [...addPlaces(laid(outline), outline, 784).values()];
    expect(places.map(({ spot }) => spot.after)).toEqual([-1, 0, 1, 2, 3]);
    expect(new Set(places.map(({ y }) => y)).size).toBe(1);
  });

  test("is over the first of several branches; beneath it their lines would run behind", () => {
    const places = addPlaces(laid(branches), branches, 784);
    expect([...places.values()].map(({ spot }) => spot.after)).toEqual([-1, 0, 1, 3, 4]);
    expect(new Set([...places.values()].map(({ y }) => y)).size).toBe(1);
  });
});

describe("where layers are added to one branch alone", () => {
  const of = (outline: Outline, frame: Partial<Frame> = {}, unfolded: ReadonlySet<string> = new Set()) =>
    [...branchPlaces(laid(outline, frame, unfolded), outline, (name) => name).values()].flat();

  test("is on each line of what several take, apart from each other and from all that stands there", () => {
    const found = laid(branches);
    const places = of(branches);
    expect(places.map(({ spot }) => spot)).toEqual([1, 2, 3].map((into) => ({ after: 0, into: [into] })));
    const past = gapsOf(found).find((gap) => gap.past !== null)!;
    // The line past both runs beneath them, and the button is on it.
    expect(linesBetween(past, "right")[0]!.path).toContain(` ${places.at(-1)!.y}`);
    const boxes = found.blocks.map(({ box }) => box);
    for (const { x, y } of places) expect(boxes.filter((box) => x > box.x - 12 && x < box.x + box.width + 12 && y > box.y - 12 && y < box.y + box.height + 12)).toEqual([]);
  });

  test("is where two lines cross on one of both alone", () => {
    const crossing = outlineOf([{ shape: [5], takes: [-1] }, { shape: [5], takes: [-1] }, { shape: [5], takes: [0, 1] }, { shape: [5], takes: [1, 0] }, { shape: [5], takes: [2, 3] }]);
    const places = of(crossing).filter(({ spot }) => spot.after >= 0);
    expect(places.map(({ spot: { after, into } }) => [after, into![0]])).toEqual([[0, 2], [0, 3], [1, 2], [1, 3]]);
    for (const [k, a] of places.entries()) for (const b of places.slice(k + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(24);
  });

  test("into a folded module is before all in it that take the same", () => {
    const attention = outlineOf([{ shape: [6, 4] }, ...[1, 2, 3].map(() => ({ shape: [6, 4], module: "mix", takes: [0] })), { shape: [6, 4], takes: [0, 3] }]);
    expect(of(attention).map(({ spot, to }) => [spot.into, to])).toEqual([
      [[1, 2, 3], [1, 2, 3].map((k) => `layers.${k}.activations`).join(", ")],
      [[4], "layers.4.activations"],
    ]);
  });
});

describe("branches", () => {
  test("keep to the height of a low screen, with a line each for name and kind", () => {
    const low = laid(branches, { width: 608, height: 234 });
    expect([low.height, low.head]).toEqual([234, LOW_HEAD]);
    const column = low.blocks.filter(({ rank }) => rank === 2).map(({ box }) => box);
    expect(column[1]!.y - LOW_HEAD).toBeGreaterThanOrEqual(column[0]!.y + column[0]!.height);
    expect(laid(branches).head).toBeGreaterThan(LOW_HEAD);
  });

  test("of three and more keep to it with their names alone", () => {
    const three = outlineOf([{ shape: [8, 12], takes: [-1] }, { shape: [8, 12], takes: [-1] }, { shape: [8, 12], takes: [-1] }, { shape: [8, 12], takes: [0, 1, 2] }]);
    const low = laid(three, { width: 608, height: 234 });
    expect([low.height, low.head]).toEqual([234, LEAST_HEAD]);
    expect(addPlaces(low, three, 608).size).toBe(0);
    expect(laid(three).head).toBeGreaterThan(LOW_HEAD);
  });

  test("whose lines run past others stand beneath those that give to the next column", () => {
    const embeddings = outlineOf([{ shape: [7, 12], takes: [-1] }, { shape: [7, 12], takes: [-1] }, { shape: [7, 12], takes: [-1] }, { shape: [7, 12], takes: [0, 2] }, { shape: [7, 12], takes: [3, 1] }]);
    const column = laid(embeddings).blocks.filter(({ rank }) => rank === 1).sort((a, b) => a.box.y - b.box.y);
    expect(column.map(({ block }) => block.id)).toEqual(["layer0", "layer2", "layer1"]);
  });
});

test("a line from beside something wider goes straight on until it is past that", () => {
  const outline = outlineOf([{ shape: [30, 60], takes: [-1] }, { shape: [3], takes: [-1] }, { shape: [8, 8], takes: [0, 1] }]);
  const found = laid(outline);
  const [wide, narrow] = ["layer0", "layer1"].map((id) => found.blocks.find(({ block }) => block.id === id)!.box);
  const gap = gapsOf(found).find(({ id }) => id === "layer1 layer2")!;
  expect(gap.turns.from).toBe(wide!.x + wide!.width);
  expect(gap.turns.from).toBeGreaterThan(narrow!.x + narrow!.width);
  expect(linesBetween({ ...gap, layer: null }, "right")[0]!.path).toContain(`L${gap.turns.from} `);
});

test.each([234, 673])("a line past others keeps off the diagram's lower edge, in a height of %i px", (height) => {
  const found = laid(outlineOf([{ shape: [8] }, { shape: [8] }, { shape: [8] }, { shape: [8], takes: [0, 2] }]), { width: 608, height });
  const past = gapsOf(found).flatMap((gap) => linesBetween(gap, "right")).filter(({ sort }) => sort === "past");
  expect(past).toHaveLength(1);
  const lowest = Math.max(...past[0]!.path.match(/[\d.]+/g)!.map(Number).filter((_, k) => k % 2 === 1));
  expect(lowest).toBeGreaterThan(Math.max(...found.blocks.map(({ box }) => box.y + box.height)));
  expect(lowest).toBeLessThan(found.height);
});

test.each([6, 18])("of many lines past others, as where each of %i layers takes from all before it, none lies on another body's, and all are in sight", (layers) => {
  const deep = Array.from({ length: layers }, (_, k) => ({ shape: [8], takes: Array.from({ length: k + 1 }, (_, from) => from - 1) }));
  const found = laid(outlineOf(deep), { width: 1200 });
  const past = gapsOf(found).filter((gap) => gap.past !== null);
  const low = new Map(past.map((gap) => [gap, Math.max(...linesBetween(gap, "right")[0]!.path.match(/[\d.]+/g)!.map(Number).filter((_, k) => k % 2 === 1))]));
  expect(past.length).toBe(((layers - 1) * layers) / 2);
  for (const one of past) {
    expect(low.get(one)).toBeLessThan(found.height);
    const beside = past.filter((other) => other.from !== one.from && other.from.rank < one.to.rank && one.from.rank < other.to.rank);
    for (const other of beside) expect(Math.abs(low.get(one)! - low.get(other)!), `${one.id} and ${other.id}`).toBeGreaterThanOrEqual(3.8);
  }
});

describe("many outputs", () => {
  const many = outlineOf([{ shape: [16] }, { shape: [1000] }]);

  test.each([
    [673, 5],
    [300, 3],
    [234, 1],
  ])("in a height of %i px have their %i largest written beneath them, in sight", (height, told) => {
    const found = laid(many, { height });
    const last = found.blocks.at(-1)!;
    expect(last.told).toBe(told);
    expect(last.box.y + last.box.height + 18 + 24 * told).toBeLessThanOrEqual(height);
    expect(found.blocks.slice(0, -1).every((each) => each.told === 0)).toBe(true);
  });

  test("that can be read one by one, or are rows of their own, have nothing beneath them", () => {
    for (const shape of [[10], [64], [16, 100]]) expect(laid(outlineOf([{ shape }])).blocks.at(-1)!.told).toBe(0);
  });

  test("the largest come first, equal ones in their order, and NaN never", () => {
    expect(largestFew(Float32Array.of(1, NaN, 3, -2, 3, 2), 3)).toEqual([2, 4, 5]);
    expect(largestFew(Float32Array.of(NaN, -Infinity), 3)).toEqual([1]);
    expect(largestFew([], 3)).toEqual([]);
  });
});
