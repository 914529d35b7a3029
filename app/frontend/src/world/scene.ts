import { sizeOf, tensorsOf } from "./cells";
import { EMPTY, type Numbers, type WorldState } from "./state";
import type { Cell, Outline, TensorOutline } from "./types";

interface PinnedScene {
  network: string;
  tensors: Record<string, WrittenNumbers>;
  outline?: Outline;
}

/** All that makes this page what it is beside the network that the server keeps, in a form that outlives the page. */
export interface WorldScene {
  /** What the network is called; null for the name of its preset, or of its id. */
  name: string | null;
  /** The preset that it was made from. */
  preset: string | null;
  /** The inputs that its file had. */
  inputs?: unknown;
  /** Inputs and parameters that were changed. */
  tensors: Record<string, WrittenNumbers>;
  /** What is pinned, and of which network; `outline` is its own once that was learned. */
  pinned?: PinnedScene;
  selected: Cell | null;
  /** The groups that are unfolded. */
  unfolded: readonly string[];
  /** Of bodies whose one panel fills the place: which, by block. */
  opened: readonly (readonly [string, number])[];
  scale: number;
}

/** `base` is left out where it is the page's own, or the server's; `changed`: place, value, and what the server keeps there. */
interface WrittenNumbers {
  base?: number[];
  changed?: [place: number, value: number, was: number | null][];
}

/** What of the page makes its scene. */
interface Drawn {
  readonly name: string;
  readonly preset: { readonly name: string; readonly title: string } | null;
  readonly latest: WorldState;
  readonly history: { readonly entries: readonly { readonly state: WorldState }[] };
  readonly comparison: { readonly pinned: WorldState | null };
  readonly selected: Cell | null;
  readonly folding: { readonly unfolded: Iterable<string> };
  readonly opened: Iterable<[string, number]>;
  readonly frame: { readonly scale: number };
}

/** The scene of the page; `inputs` are those that its file had. */
export function sceneOf({ name, preset, latest, history, comparison: { pinned }, selected, folding, opened, frame }: Drawn, inputs: unknown): WorldScene {
  const first = history.entries[0]!.state;
  return {
    name: name === preset?.title ? null : name,
    preset: preset?.name ?? null,
    ...(inputs !== undefined && { inputs }),
    tensors: writtenTensors(latest, first),
    ...(pinned && { pinned: { network: pinned.outline.id, tensors: writtenTensors(pinned, first) } }),
    selected,
    unfolded: [...folding.unfolded],
    opened: [...opened],
    scale: frame.scale,
  };
}

/** What differs from how the network was opened. */
function writtenTensors(state: WorldState, first: WorldState): WorldScene["tensors"] {
  const found: WorldScene["tensors"] = {};
  for (const [name, numbers] of state.tensors) {
    const begun = first.tensors.get(name) ?? EMPTY;
    if (numbers === begun) continue;
    const base = numbers.base !== begun.base && numbers.base !== null ? { base: [...numbers.base] } : {};
    const changed = [...numbers.changed].map(([place, { value, was }]): [number, number, number | null] => [place, value, was]);
    if (base.base || changed.length > 0) found[name] = { ...base, ...(changed.length > 0 && { changed }) };
  }
  return found;
}

/** A scene that was found somewhere, as far as it fits this network; null where it is none. */
export function checkedScene(found: unknown, tensors: ReadonlyMap<string, TensorOutline>): WorldScene | null {
  if (!isRecord(found) || !isRecord(found["tensors"])) return null;
  const { name, preset, inputs, pinned, selected, unfolded, opened, scale } = found;
  return {
    name: typeof name === "string" ? name : null,
    preset: typeof preset === "string" ? preset : null,
    ...(inputs !== undefined && { inputs }),
    tensors: checkedTensors(found["tensors"], tensors),
    ...(isRecord(pinned) && typeof pinned["network"] === "string" && isRecord(pinned["tensors"]) && { pinned: { network: pinned["network"], tensors: pinned["tensors"] as WorldScene["tensors"] } }),
    selected: checkedCell(selected, tensors),
    unfolded: Array.isArray(unfolded) ? unfolded.filter((id) => typeof id === "string") : [],
    opened: Array.isArray(opened) ? opened.filter(isOpened) : [],
    scale: typeof scale === "number" && Number.isFinite(scale) ? scale : 1,
  };
}

function checkedTensors(found: Record<string, unknown>, tensors: ReadonlyMap<string, TensorOutline>): WorldScene["tensors"] {
  const checked: WorldScene["tensors"] = {};
  for (const [name, written] of Object.entries(found)) {
    const count = sizeOf(tensors.get(name)?.shape ?? [0]);
    if (!isRecord(written) || count === 0) continue;
    const { base, changed = [] } = written;
    if (base !== undefined && !(Array.isArray(base) && base.length === count && base.every(isNumber))) continue;
    if (!Array.isArray(changed) || !changed.every((each) => isChange(each, count))) continue;
    checked[name] = { ...(base !== undefined && { base: base as number[] }), changed };
  }
  return checked;
}

/** A cell that the network has; null for anything else. */
export function checkedCell(cell: unknown, tensors: ReadonlyMap<string, TensorOutline>): Cell | null {
  if (!isRecord(cell) || typeof cell["tensor"] !== "string" || !Array.isArray(cell["at"])) return null;
  const shape = tensors.get(cell["tensor"])?.shape;
  const at = cell["at"] as unknown[];
  if (!shape || at.length !== shape.length) return null;
  return at.every((k, i) => Number.isInteger(k) && (k as number) >= 0 && (k as number) < shape[i]!) ? { tensor: cell["tensor"], at: at as number[] } : null;
}

/** What is pinned, as far as it fits the network that it is of. */
export function checkedPinned({ network, tensors }: PinnedScene, outline: Outline): PinnedScene {
  return { network, tensors: checkedTensors(tensors as Record<string, unknown>, tensorsOf(outline)), outline };
}

/** The states that a scene tells of, where the network was opened as `first`. */
export function restored({ tensors, pinned }: WorldScene, first: WorldState): { state: WorldState; pinned: WorldState | null } {
  return {
    state: Object.keys(tensors).length > 0 ? stateOf(tensors, first) : first,
    pinned: pinned?.outline ? stateOf(pinned.tensors, { ...first, outline: pinned.outline }) : null,
  };
}

function stateOf(tensors: WorldScene["tensors"], first: WorldState): WorldState {
  const all = new Map(first.tensors);
  for (const [name, { base, changed = [] }] of Object.entries(tensors)) {
    const begun = all.get(name) ?? EMPTY;
    const numbers: Numbers = {
      base: base ? Float64Array.from(base) : begun.base,
      changed: new Map(changed.map(([place, value, was]) => [place, { value, was }])),
    };
    all.set(name, numbers);
  }
  return { ...first, tensors: all };
}

const isRecord = (found: unknown): found is Record<string, unknown> => typeof found === "object" && found !== null && !Array.isArray(found);
const isNumber = (found: unknown): found is number => typeof found === "number" && Number.isFinite(found);
const isOpened = (found: unknown): found is [string, number] => Array.isArray(found) && typeof found[0] === "string" && Number.isInteger(found[1]);

function isChange(found: unknown, count: number): found is [number, number, number | null] {
  if (!Array.isArray(found)) return false;
  const [place, value, was] = found as unknown[];
  return Number.isInteger(place) && (place as number) >= 0 && (place as number) < count && isNumber(value) && (was === null || isNumber(was));
}
