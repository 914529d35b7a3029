import { wideDims } from "../bodies/plan";
import { sizeOf, tensorsOf } from "./cells";
import { stepsOf, type Step } from "./steps";
import { tellsAll } from "./told";
import type { LayerOutline, Outline, TensorOutline } from "./types";

/** What the diagram is laid out of: bodies of values, and modules that are folded into one card. */

export interface BodyBlock {
  readonly sort: "body";
  readonly id: string;
  /** 0 for the inputs, then the layers, as in data-body. */
  readonly index: number;
  readonly tensor: TensorOutline;
  /** null for an input. */
  readonly layer: LayerOutline | null;
  readonly takes: readonly string[];
}

export interface CardBlock {
  readonly sort: "card";
  readonly id: string;
  /** The module's path; empty for a run of layers without one. */
  readonly path: string;
  readonly layers: readonly LayerOutline[];
  readonly step?: Step;
  readonly takes: readonly string[];
  /** How many numbers its layers' parameters hold: those that stand nowhere before it, and those that it shares with what stands there, as each step does with the first. */
  readonly parameters: { readonly own: number; readonly shared: number };
  /** What it shows of its numbers: nothing where nothing has room, or no pass brings them by itself. */
  readonly faces: readonly TensorOutline[];
}

export type Block = BodyBlock | CardBlock;

/** Up to so many layers all of them are drawn at once. */
const MOST_UNFOLDED = 18;
/** So few blocks leave room for what is in them. */
const FEW = 4;
/** More layers than this in a row, without modules, are folded into runs. */
const LONG = 48;

interface Group {
  readonly id: string;
  readonly path: string;
  readonly layers: readonly LayerOutline[];
  /** Which repetition of the same layers it is. */
  readonly step?: Step;
}

/** How many numbers these layers learn, each parameter once. Those that are not among the `counted` ones are their own, and are from now on. */
function parametersOf(layers: readonly LayerOutline[], counted: Set<string>): CardBlock["parameters"] {
  const learned = layers.flatMap(({ parameters }) => parameters.filter(({ buffer }) => !buffer));
  let [own, shared] = [0, 0];
  for (const [name, size] of new Map(learned.map(({ name, shape }) => [name, sizeOf(shape)] as const))) {
    if (counted.has(name)) shared += size;
    else own += size;
    counted.add(name);
  }
  return { own, shared };
}

/** Layers in their order, those of one module together at the depth where they part. */
function groupsOf(layers: readonly LayerOutline[], depth: number, within?: Step): (Group | LayerOutline)[] {
  const runs: { path: string; layers: LayerOutline[] }[] = [];
  for (const layer of layers) {
    const parts = layer.module?.split(".") ?? [];
    const path = parts.length > depth ? parts.slice(0, depth + 1).join(".") : "";
    const last = runs.at(-1);
    if (last && path !== "" && last.path === path) last.layers.push(layer);
    else runs.push({ path, layers: [layer] });
  }
  // All within one module: what parts them is further in.
  if (runs.length === 1 && runs[0]!.path !== "" && layers.length > 1) return groupsOf(layers, depth + 1, within);
  const steps = runs.length > MOST_UNFOLDED ? stepsOf(layers, within) : null;
  if (steps) return steps.map(({ layers: some, step }) => ({ id: `run@${some[0]!.index}-${some.at(-1)!.index}`, path: "", layers: some, ...(step && { step }) }));
  if (runs.length > LONG) return longRuns(layers);
  return runs.map((run) => (run.layers.length === 1 ? run.layers[0]! : { id: `${run.path}@${run.layers[0]!.index}`, ...run }));
}

function longRuns(layers: readonly LayerOutline[]): Group[] {
  const size = Math.ceil(Math.sqrt(layers.length));
  return Array.from({ length: Math.ceil(layers.length / size) }, (_, k) => {
    const some = layers.slice(k * size, (k + 1) * size);
    return { id: `run@${some[0]!.index}-${some.at(-1)!.index}`, path: "", layers: some };
  });
}

/** Kinds that only put numbers elsewhere, or leave some out. */
const MOVES = new Set(["reshape", "flatten", "transpose", "permute", "squeeze", "unsqueeze", "select", "slice", "expand", "contiguous", "clone"]);

export const onlyMoves = (kind: string): boolean => MOVES.has(kind);

/** Moves that follow each other, with nothing else that takes from between them, as one group each. */
function joined(shown: readonly (Group | LayerOutline)[], unfolded: ReadonlySet<string>): (Group | LayerOutline)[] {
  const layers = shown.filter((each): each is LayerOutline => !("layers" in each));
  const givers = new Map(layers.map((layer) => [layer.activations.name, layer]));
  const takers = new Map<string, number>();
  for (const each of shown) for (const layer of "layers" in each ? each.layers : [each]) for (const tensor of layer.takes) takers.set(tensor, (takers.get(tensor) ?? 0) + 1);
  const runs = new Map<LayerOutline, LayerOutline[]>();
  for (const layer of layers) {
    if (!MOVES.has(layer.kind) || layer.activation !== "identity" || layer.takes.length !== 1) continue;
    const before = givers.get(layer.takes[0]!);
    const run = before && takers.get(layer.takes[0]!) === 1 ? (runs.get(before) ?? []) : [];
    run.push(layer);
    runs.set(layer, run);
  }
  return shown.flatMap((each): (Group | LayerOutline)[] => {
    if ("layers" in each) return [each];
    const run = runs.get(each);
    const id = run && `moves@${run[0]!.index}`;
    if (!run || run.length < 2 || unfolded.has(id!)) return [each];
    return run.at(-1) === each ? [{ id: id!, path: "", layers: run }] : [];
  });
}

/** Of each folded attention who looks at whom, of any other module what it gives, where that is a picture. */
function facesOf(group: Group): TensorOutline[] {
  if (isMoves(group)) return [];
  const looks = group.layers.filter(({ kind, activations: { shape } }) => kind === "softmax" && shape.length > 2 && shape.at(-1) === shape.at(-2));
  return (looks.length > 0 ? looks : group.layers.slice(-1)).map(({ activations }) => activations).filter(({ shape }) => wideDims(shape).length > 1);
}

/** The module that all of these layers stand in, by its path; empty where there is none. */
export function moduleOf(layers: Iterable<LayerOutline>): string {
  let common: string[] | null = null;
  for (const { module } of layers) {
    const parts = module?.split(".") ?? [];
    const differ: number = common?.findIndex((part, k) => part !== parts[k]) ?? -1;
    common = common === null ? parts : differ < 0 ? common : common.slice(0, differ);
  }
  return common?.join(".") ?? "";
}

export const isMoves = ({ id }: { id: string }): boolean => id.startsWith("moves@");

const depthOf = (group: Group): number => (group.path === "" ? 0 : group.path.split(".").length);

/** The layers and cards to draw, where these groups are unfolded. */
function shownGroups(layers: readonly LayerOutline[], unfolded: ReadonlySet<string>, depth = 0, within?: Step): (Group | LayerOutline)[] {
  return groupsOf(layers, depth, within).flatMap((group) => {
    if (!("layers" in group) || !unfolded.has(group.id)) return [group];
    return group.layers.length === layers.length ? [...group.layers] : shownGroups(group.layers, unfolded, depthOf(group), group.step);
  });
}

/** Whether a group opens into nothing but runs without names of their own, as an LSTM's many steps do. */
const isLong = (group: Group): boolean => groupsOf(group.layers, depthOf(group), group.step).some((each) => "layers" in each && each.id.startsWith("run@"));

/** Which groups are open to begin with: all of a small network; of a larger one as many as leave few cards. */
export function unfoldedAtFirst(outline: Outline): Set<string> {
  const unfolded = new Set<string>();
  for (;;) {
    const shown = shownGroups(outline.layers, unfolded);
    const cards = shown.filter((each): each is Group => "layers" in each && !isLong(each));
    if (cards.length === 0 || (outline.layers.length > MOST_UNFOLDED && shown.length > FEW)) return unfolded;
    for (const card of cards) unfolded.add(card.id);
    const count = shownGroups(outline.layers, unfolded).length;
    if (count > MOST_UNFOLDED) {
      for (const card of cards) unfolded.delete(card.id);
      return unfolded;
    }
  }
}

/** The groups that are unfolded in a network that another one was made of: those of the same modules. */
export function unfoldedLike(outline: Outline, before: ReadonlySet<string>): Set<string> {
  const paths = new Set([...before].map(pathOf));
  const unfolded = new Set<string>();
  for (;;) {
    const cards = shownGroups(outline.layers, unfolded).filter((each): each is Group => "layers" in each && each.path !== "" && paths.has(each.path));
    if (cards.length === 0) return unfolded;
    for (const { id } of cards) unfolded.add(id);
  }
}

const pathOf = (id: string): string => id.slice(0, id.lastIndexOf("@"));

/** The blocks in their order, each with the blocks that it takes from. */
export function blocksOf(outline: Outline, unfolded: ReadonlySet<string>): Block[] {
  const giver = new Map<string, string>();
  const told = tellsAll(outline);
  const counted = new Set<string>();
  const blocks: Block[] = [];
  const taken = (layers: readonly LayerOutline[], own: string): string[] => [
    ...new Set(layers.flatMap(({ takes }) => takes).flatMap((tensor) => giver.get(tensor) ?? []).filter((id) => id !== own)),
  ];
  outline.inputs.forEach((tensor, k) => {
    const id = `input${k}`;
    giver.set(tensor.name, id);
    blocks.push({ sort: "body", id, index: 0, tensor, layer: null, takes: [] });
  });
  for (const group of joined(shownGroups(outline.layers, unfolded), unfolded)) {
    const layers = "layers" in group ? group.layers : [group];
    const id = "layers" in group ? group.id : `layer${group.index}`;
    for (const layer of layers) {
      giver.set(layer.activations.name, id);
      if (layer.preActivations) giver.set(layer.preActivations.name, id);
    }
    const takes = taken(layers, id);
    const parameters = parametersOf(layers, counted);
    if ("layers" in group) blocks.push({ sort: "card", ...group, takes, parameters, faces: told ? facesOf(group) : [] });
    else blocks.push({ sort: "body", id, index: group.index + 1, tensor: group.activations, layer: group, takes });
  }
  return blocks;
}

export interface Unfolded {
  readonly id: string;
  readonly path: string;
  /** The layers in it, by index. */
  readonly layers: ReadonlySet<number>;
  readonly step?: Step;
  /** How many unfolded groups it stands in. */
  readonly depth: number;
}

/** The groups that are unfolded, outer ones first: what can be folded again. */
export function unfoldedGroups(outline: Outline, unfolded: ReadonlySet<string>): Unfolded[] {
  const walk = (layers: readonly LayerOutline[], from: number, depth: number, within?: Step): Unfolded[] =>
    groupsOf(layers, from, within).flatMap((group) => {
      if (!("layers" in group) || !unfolded.has(group.id)) return [];
      const own = { id: group.id, path: group.path, layers: new Set(group.layers.map(({ index }) => index)), ...(group.step && { step: group.step }), depth };
      return [own, ...(group.layers.length === layers.length ? [] : walk(group.layers, depthOf(group), depth + 1, group.step))];
    });
  return walk(outline.layers, 0, 0);
}

/** The shape that goes into a card and the one that comes out of it. */
export function shapesOf(card: CardBlock, outline: Outline): { from: readonly number[] | null; to: readonly number[] } {
  const inside = new Set(card.layers.map(({ activations }) => activations.name));
  const first = card.layers.flatMap(({ takes }) => takes).find((tensor) => !inside.has(tensor));
  const from = first === undefined ? null : (tensorsOf(outline).get(first)?.shape ?? null);
  return { from, to: card.layers.at(-1)!.activations.shape };
}
