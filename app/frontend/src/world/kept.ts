import { HERE, pack, unpack, WORLD_VERSION as VERSION } from "../share/packing";
import type { Kept as Storage } from "../studio/storage";
import { checkedScene, type WorldScene } from "./scene";
import type { TensorOutline } from "./types";

/** Scenes of networks of any kind where they outlive the page: in the address, and in the browser's storage. */

const KEY = "adelante.worlds.v1";
/** A fragment that unpacks to more than this was not made here. */
const MOST_BYTES = 4_000_000;
/** A longer fragment is cut off by mail and chat programs. */
const MOST_FRAGMENT = 8_000;
const MOST_KEPT = 6;
const MOST_CHARACTERS = 2_000_000;

type Tensors = ReadonlyMap<string, TensorOutline>;

interface Kept {
  id: string;
  /** The fragment that the page's address had then, which may be that of a moment before. */
  address: string;
  scene: WorldScene;
}

/** The fragment of a scene, without its #, whatever its length. */
export const encoded = async (scene: WorldScene): Promise<string> => VERSION + (await pack(JSON.stringify(scene)));

/** The fragment for the page's own address. */
export async function fragmentOf(scene: WorldScene): Promise<string> {
  const found = await encoded(scene);
  return found.length <= MOST_FRAGMENT ? found : HERE;
}

export async function decoded(fragment: string, tensors: Tensors): Promise<WorldScene | null> {
  if (!fragment.startsWith(VERSION)) return null;
  try {
    return checkedScene(JSON.parse(await unpack(fragment.slice(VERSION.length), MOST_BYTES)), tensors);
  } catch {
    return null;
  }
}

function all(storage: Storage): Kept[] {
  try {
    const found: unknown = JSON.parse(storage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((each: Partial<Kept> | null) => typeof each?.id === "string" && typeof each.address === "string") : [];
  } catch {
    return [];
  }
}

/** Keeps what was made of a network; the oldest make room. Where there is none the page goes on without. */
export function keep(storage: Storage, id: string, scene: WorldScene, address: string): void {
  let kept = [...all(storage).filter((each) => each.id !== id), { id, address, scene }].slice(-MOST_KEPT);
  for (; kept.length > 0; kept = kept.slice(1)) {
    const text = JSON.stringify(kept);
    if (text.length > MOST_CHARACTERS && kept.length > 1) continue;
    try {
      storage.setItem(KEY, text);
      return;
    } catch {
      // As much as there is room for.
    }
  }
}

export function letGo(storage: Storage, id: string): void {
  storage.setItem(KEY, JSON.stringify(all(storage).filter((each) => each.id !== id)));
}

export interface Arrival {
  scene: WorldScene | null;
  /** What was made of it at an earlier visit that this one does not begin with. */
  earlier: WorldScene | null;
  /** The key of what there is to say where the address was not opened. */
  problem: string | null;
}

/** What a visit of this network begins with: `fragment` is the address's, `again` says whether the page was only loaded anew. */
export async function arrivedAt(storage: Storage, id: string, fragment: string, again: boolean, tensors: Tensors): Promise<Arrival> {
  const found = all(storage).find((each) => each.id === id);
  const kept = found ? checkedScene(found.scene, tensors) : null;
  const earlier = kept && Object.keys(kept.tensors).length > 0 ? kept : null;
  if (kept && found!.address === fragment && (fragment !== "" || again)) return { scene: kept, earlier: null, problem: null };
  if (fragment === "") return { scene: null, earlier, problem: null };
  if (fragment === HERE && kept) return { scene: kept, earlier: null, problem: null };
  const scene = await decoded(fragment, tensors);
  if (scene) return { scene, earlier, problem: null };
  return { scene: null, earlier, problem: fragment === HERE ? "world.kept-elsewhere" : "studio.link-unreadable" };
}
