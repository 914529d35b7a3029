import { inputsNamed, outputsNamed } from "../model/naming";
import { parametersOf } from "../model/sizes";
import type { StudioState } from "../model/types";
import { pack, unpack } from "./packing";
import { checkedScene, readPart, writtenPart, type Scene } from "./scene";

/**
 * A whole scene in an address: version 1 of the fragment is `v1.` and base64url of raw deflate of compact JSON. JSON writes
 * each number with as many digits as bring back the very same double, so a link opens to the same digits.
 */

const VERSION = "v1.";
/** More numbers than this make an address that mail and chat programs cut off. */
export const MOST_LINKED_NUMBERS = 6000;
/** A fragment that unpacks to more than this was not made here. */
const MOST_BYTES = 2_000_000;

/** What the address says: the short keys keep it short; what follows from its place is left out. */
interface Compact {
  /** preset, inputs, their names and ranges, outputs' names, seed */
  p?: string | undefined;
  i: number[];
  n?: string[] | undefined;
  r?: [number, number][] | undefined;
  o?: string[] | undefined;
  s?: number | undefined;
  /** of each layer: name, activation, weights row by row, biases, neurons' names */
  l: { n: string; a: string; w?: number[]; b: number[]; m?: string[] | undefined }[];
  /** The id of a stored network that has the weights and biases. */
  id?: string | undefined;
  /** what is selected, where that is said; the pinned network */
  q?: string | undefined;
  z?: Compact | undefined;
}

/** The ids of stored networks that have a scene's weights and biases. */
export interface StoredIds {
  state?: string;
  pinned?: string;
}

export function isLinkable({ state, pinned }: Scene): boolean {
  return parametersOf(state) + (pinned ? parametersOf(pinned) : 0) <= MOST_LINKED_NUMBERS;
}

/** The fragment of a scene, without its #. Given the ids of its stored networks, it carries no weights. */
export async function encodeScene({ state, selection, pinned }: Scene, ids: StoredIds = {}): Promise<string> {
  const told = { ...compact(state, ids.state), q: writtenPart(selection), z: pinned ? compact(pinned, ids.pinned) : undefined };
  return VERSION + (await pack(JSON.stringify(told)));
}

/** What a fragment says; null where it is of another version, damaged, or no network. `fetchLayers` finds stored ones. */
export async function decodeScene(
  fragment: string,
  fetchLayers: (id: string) => Promise<unknown> = () => Promise.resolve(null),
): Promise<Scene | null> {
  if (!fragment.startsWith(VERSION)) return null;
  try {
    const document = JSON.parse(await unpack(fragment.slice(VERSION.length), MOST_BYTES)) as Compact;
    const pinned = document.z && (await expanded(document.z, fetchLayers));
    return checkedScene({ state: await expanded(document, fetchLayers), selection: readPart(document.q), pinned });
  } catch {
    return null;
  }
}

function compact(state: StudioState, id: string | undefined): Compact {
  const count = state.layers.at(-1)!.biases.length;
  return {
    p: state.preset ?? undefined,
    i: state.inputs,
    n: unless(state.inputNames, inputsNamed(state.inputs.length)),
    r: unless(state.inputRanges, inputRanges(state.inputs.length)),
    o: unless(state.outputNames, outputsNamed([], count)),
    s: state.seed || undefined,
    l: state.layers.map(({ name, activation, weights, biases, neuronNames }) => ({
      n: name,
      a: activation,
      ...(id === undefined && { w: weights.flat() }),
      b: id === undefined ? biases : [biases.length],
      m: neuronNames?.some(Boolean) ? neuronNames : undefined,
    })),
    ...(id !== undefined && { id }),
  };
}

/** All that a network's short form leaves out, still unchecked. */
async function expanded(document: Compact, fetchLayers: (id: string) => Promise<unknown>): Promise<unknown> {
  const stored = document.id === undefined ? null : ((await fetchLayers(document.id)) as { weights: unknown; biases: unknown }[]);
  let width = document.i.length;
  const layers = document.l.map(({ n, a, w, b, m }, k) => {
    if (stored) return { name: n, activation: a, weights: stored[k]!.weights, biases: stored[k]!.biases, neuronNames: m };
    const columns = b.length;
    if (!w || w.length !== width * columns) throw new RangeError("the weights do not fit");
    const weights = Array.from({ length: width }, (_, i) => w.slice(i * columns, (i + 1) * columns));
    width = columns;
    return { name: n, activation: a, weights, biases: b, neuronNames: m };
  });
  return {
    preset: document.p,
    inputs: document.i,
    inputNames: document.n ?? inputsNamed(document.i.length),
    inputRanges: document.r ?? inputRanges(document.i.length),
    outputNames: document.o,
    layers,
    seed: document.s ?? 0,
  };
}

const inputRanges = (count: number): [number, number][] => Array.from({ length: count }, () => [-3, 3]);

const unless = <T>(value: T, usual: T): T | undefined => (JSON.stringify(value) === JSON.stringify(usual) ? undefined : value);
