import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";

const ROOT = import.meta.dirname;
const STORE = "studio/studio.svelte.ts";
/** What puts a page together from its parts. */
const ROOTS = ["mountApp.ts", "lessons/lockedStudio.ts"];
const IMPORT = /(?:^|\n)\s*(?:import|export)\s[^;"]*?from\s+"(\.[^"]+)"/g;

const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" }).filter((name) => /\.(ts|svelte)$/.test(name) && !name.endsWith(".test.ts"));
const names = new Set(files);

/** The modules of this page that each one names, types among them. */
const imports = new Map(
  files.map((name) => {
    const found = [...readFileSync(join(ROOT, name), "utf8").matchAll(IMPORT)].map(([, path]) => relative(ROOT, join(ROOT, dirname(name), path!)));
    return [name, found.map((path) => (names.has(path) ? path : `${path}.ts`)).filter((path) => names.has(path))];
  }),
);

/** A circle that begins and ends in the same module; null where there is none. */
function circle(): string[] | null {
  const done = new Set<string>();
  const walk = (name: string, way: readonly string[]): string[] | null => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name];
    if (done.has(name)) return null;
    for (const next of imports.get(name) ?? []) {
      const found = walk(next, [...way, name]);
      if (found) return found;
    }
    done.add(name);
    return null;
  };
  for (const name of files) {
    const found = walk(name, []);
    if (found) return found;
  }
  return null;
}

test("modules do not import each other in a circle", () => expect(circle()).toBeNull());

test("the store's parts are given what they need and do not import the whole", () => {
  const importers = files.filter((name) => imports.get(name)!.includes(STORE));
  expect(importers.filter((name) => !name.endsWith(".svelte") && !ROOTS.includes(name))).toEqual([]);
  expect(importers.length).toBeGreaterThan(50);
});

test("no module is longer than one reads at once", () => {
  const long = files.filter((name) => readFileSync(join(ROOT, name), "utf8").split("\n").length > 400);
  expect(long).toEqual([]);
});

/** Functions that put an address of the product where a proxy shows it, and those that call them for what they are given. */
const PLACED = /(?:\b(?:at|onThisHost|inFull|reach|post|sendFile)\(\s*)$/;
/** An address that begins at the host's root. */
const ADDRESS = /["`]\/(?:(?:api|static|v2|en|es|embed|problems|lessons)\b|\$\{[\w.]*(?:language|code)\})/g;
const COMPARED = new Set(["live/refusal.ts"]);

test("no address forgets the path under which a proxy may show the product", () => {
  const bare = files
    .filter((name) => !COMPARED.has(name))
    .flatMap((name) => {
      const source = readFileSync(join(ROOT, name), "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
      return [...source.matchAll(ADDRESS)].filter(({ index }) => !PLACED.test(source.slice(0, index))).map(({ index }) => `${name}: ${source.slice(index, index + 60)}`);
    });
  expect(bare).toEqual([]);
});
