import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

import { apiDocs } from "./build/apiDocs.ts";
import { GROUPS } from "./build/chunks.ts";
import { compressed } from "./build/compressed.ts";
import { eager } from "./build/eager.ts";

const HASHED = "assets/[name]-[hash:6]";

export default defineConfig({
  // Scripts find each other, their workers and fonts from where they lie: under whatever path a proxy shows the product.
  base: "./",
  plugins: [svelte(), eager("svelte", "shared", "studio"), compressed(), apiDocs()],
  build: {
    outDir: "../static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    // Whose code the scripts were made of, and under which licences.
    license: { fileName: "LICENSES.md" },
    modulePreload: { polyfill: false },
    target: ["chrome111", "firefox115", "safari16.4", "ios16.4"],
    rollupOptions: {
      input: ["src/early.ts", "src/main.ts", "src/world/main.ts", "src/lessons/main.ts"],
      output: {
        codeSplitting: { groups: GROUPS },
        // No compression makes a hash shorter, and a page names all of the files that it may need: six letters tell versions apart too.
        ...{ entryFileNames: `${HASHED}.js`, chunkFileNames: `${HASHED}.js`, assetFileNames: `${HASHED}[extname]` },
      },
    },
  },
  test: {
    include: ["src/**/*.test.ts"],
    environment: "node",
    // A thread that goes on from file to file starts once; what a test puts in place of a global goes with it.
    pool: "threads",
    isolate: false,
    unstubGlobals: true,
  },
});
