import { resolve } from "node:path";

interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

const SOURCE = resolve(import.meta.dirname, "../src");
const STUDIO = ["main.ts"];
/** What every lesson needs at once; it does without svelte. */
const LESSON = ["lessons/main.ts"];
/** What some lessons bring to life: none of it is to load the studio's modules. */
const PIECES = ["lessons/mountRace.ts", "lessons/mountBuilder.ts", "lab/mountLab.ts"];

/** What is needed at once with these modules, themselves among it. */
function neededBy(entries: string[], graph: Graph): Set<string> {
  const found = new Set<string>();
  const open = entries.map((entry) => resolve(SOURCE, entry));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

/**
 * What the studio needs at once and shares with the parts that come later goes into few files: many small ones compress worse, and
 * each has a head of its own.
 */
export const GROUPS = [
  { name: sharedBy("base", STUDIO, LESSON), minShareCount: 2 },
  { name: "svelte", test: /node_modules/ },
  { name: sharedBy("pieces", STUDIO, PIECES), minShareCount: 2 },
  { name: sharedBy("studio", STUDIO), minShareCount: 2 },
];

/** Gives the file's name to modules that each of these needs. */
function sharedBy(name: string, ...needing: string[][]) {
  let needed: Set<string>[] | undefined;
  return (id: string, graph: Graph): string | null => {
    needed ??= needing.map((entries) => neededBy(entries, graph));
    return needed.every((ids) => ids.has(id)) ? name : null;
  };
}
