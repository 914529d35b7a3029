import { resolve } from "node:path";

interface Graph {
  getModuleInfo(id: string): { importedIds: readonly string[] } | null;
}

const SOURCE = resolve(import.meta.dirname, "../src");

/** What is needed at once with these modules, themselves among it. */
function neededBy(...entries: string[]): (id: string, graph: Graph) => boolean {
  let found: Set<string> | undefined;
  return (id, graph) => (found ??= reachedFrom(entries, graph)).has(id);
}

function reachedFrom(entries: string[], graph: Graph): Set<string> {
  const found = new Set<string>();
  const open = entries.map((entry) => resolve(SOURCE, entry));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

const studio = neededBy("main.ts");
/** What lessons need at once, and what some of them bring to life: none of it is to load the studio's modules. */
const lessons = neededBy("lessons/main.ts", "lessons/mountRace.ts", "lessons/mountBuilder.ts", "lab/mountLab.ts");
const world = neededBy("world/main.ts", "later/beside.ts");
const network = neededBy("later/network.ts");
const page = neededBy("later/page.ts");

/**
 * What several parts of the page share is in few files: many small ones compress worse, each has a head of its own, and fetching one
 * costs a browser as much computing as reading some ten kilobytes of script.
 */
export const GROUPS = [
  { name: "svelte", test: /node_modules(?!.*(bindings.input|blocks.await))/ },
  // What of it some later parts need, and nothing of the first picture.
  { name: "more", test: /node_modules/ },
  { name: sharedBy("base", studio, lessons) },
  { name: sharedBy("shared", studio, world) },
  { name: sharedBy("studio", studio), minShareCount: 2 },
  { name: sharedBy("network", network), minShareCount: 2 },
  { name: sharedBy("reading", page, world), minShareCount: 2 },
  { name: sharedBy("page", page), minShareCount: 2 },
  { name: sharedBy("world", world), minShareCount: 2 },
];

/** Gives the file's name to modules that each of these needs. */
function sharedBy(name: string, ...needing: ReturnType<typeof neededBy>[]) {
  return (id: string, graph: Graph): string | null => (needing.every((needs) => needs(id, graph)) ? name : null);
}
