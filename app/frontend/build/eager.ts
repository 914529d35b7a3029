import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Chromium compiles all functions of such a file in another thread while it loads, rather than each when it is first called. */
const HINT = "//# allFunctionsCalledOnLoad\n";

/**
 * Marks the scripts of these names, most of which runs before the first picture. That of networks of any kind is not for it: it is long, little of
 * it runs at first, and the page would wait until all of it is compiled.
 */
export function eager(...names: string[]): Plugin {
  return {
    name: "eager",
    apply: "build",
    // On the first line, where the bundler itself puts something until the end.
    writeBundle({ dir }, bundle) {
      for (const { fileName, name } of Object.values(bundle).filter(({ type }) => type === "chunk")) {
        if (!names.includes(name!)) continue;
        const file = join(dir!, fileName);
        writeFileSync(file, HINT + readFileSync(file, "utf8"));
      }
    },
  };
}
