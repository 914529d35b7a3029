import { post } from "../studio/draws";
import { Refused } from "../studio/reach";
import { storageOf } from "../studio/storage";

/** How networks were made of others, so that one which the server has lost is made once more: the same changes give the same id. */

interface Recipe {
  readonly id: string;
  readonly from: string;
  readonly changes: readonly object[];
  readonly seed: number;
}

const KEY = "adelante.recipes.v1";
const MOST_CHARACTERS = 500_000;
/** What this page made, also where the browser keeps nothing. */
const own = new Map<string, Recipe>();

function kept(): Recipe[] {
  try {
    const found: unknown = JSON.parse(storageOf(window, "localStorage").getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found.filter((each: Partial<Recipe> | null) => typeof each?.id === "string" && typeof each.from === "string" && Array.isArray(each.changes)) : [];
  } catch {
    return [];
  }
}

const recipeOf = (id: string): Recipe | undefined => own.get(id) ?? kept().find((each) => each.id === id);

/** The first recipe of a network stays: a later one may lead back to it. */
function remember(recipe: Recipe): void {
  if (recipe.id === recipe.from || recipeOf(recipe.id)) return;
  own.set(recipe.id, recipe);
  const all = [...kept(), recipe];
  // The newest ones that there is room for; one that has none by itself pushes out no other.
  let room = MOST_CHARACTERS;
  const texts = all.map((each) => JSON.stringify(each));
  if (texts.at(-1)!.length > room) return;
  const first = 1 + texts.findLastIndex((text) => (room -= text.length + 1) < 0);
  try {
    storageOf(window, "localStorage").setItem(KEY, `[${texts.slice(first).join()}]`);
  } catch {
    // No room: this page knows it.
  }
}

/**
 * Has the server keep another network, made of one by these changes; gives its id. Where it has lost the one, that is made anew.
 * Throws with the server's own words.
 */
export async function changed(from: string, changes: readonly object[], seed: number, language: string): Promise<string> {
  const id = await withNetwork(from, language, () => asMade(from, changes, seed, language));
  remember({ id, from, changes, seed });
  return id;
}

/** What the server answers of a network, which is made again first where it has lost it. Throws with the server's own words. */
export async function withNetwork<T>(id: string, language: string, ask: () => Promise<T>): Promise<T> {
  return await ask().catch(async (error: unknown) => {
    if (isLost(error) && (await remade(id, language))) return await ask();
    throw error;
  });
}

/** Has the server make a network again that it has lost; false where nobody here knows how. */
export async function remade(id: string, language: string): Promise<boolean> {
  const way: Recipe[] = [];
  for (let recipe = recipeOf(id); recipe && !way.includes(recipe); recipe = recipeOf(recipe.from)) way.push(recipe);
  // From the last one on that the server still has: mostly the one before, in the end a preset.
  for (const [k, { from, changes, seed }] of way.entries()) {
    try {
      let made = await asMade(from, changes, seed, language);
      for (const next of way.slice(0, k).reverse()) made = await asMade(made, next.changes, next.seed, language);
      return made === id;
    } catch (error) {
      if (!isLost(error)) return false;
    }
  }
  return false;
}

/** Whether an error says that the server has no such network. */
export const isLost = (error: unknown): boolean => error instanceof Refused && error.gone;

const asMade = async (from: string, changes: readonly object[], seed: number, language: string): Promise<string> =>
  ((await (await post(`/api/v1/networks/${from}/changes`, { changes, seed }, language)).json()) as { id: string }).id;
