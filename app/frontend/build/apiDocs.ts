import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin, ResolvedConfig } from "vite";

const FILES = ["swagger-ui-bundle.js", "swagger-ui.css"];

/** Puts Swagger UI beside the studio, so that /api/docs asks no other host for it. */
export function apiDocs(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "api-docs",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle() {
      const source = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
      const target = join(config.root, config.build.outDir, "api-docs");
      mkdirSync(target, { recursive: true });
      for (const file of FILES) copyFileSync(join(source, file), join(target, file));
    },
  };
}
