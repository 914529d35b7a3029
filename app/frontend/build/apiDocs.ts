import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin, ResolvedConfig } from "vite";

/** What is served, by the name that it is served under. The script points to the last for what it was made of. */
const FILES = {
  LICENSE: "LICENSE.txt",
  NOTICE: "NOTICE.txt",
  "swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
};
/** Their source maps are not served, so they name none. */
const WITH_MAPS = ["swagger-ui-bundle.js", "swagger-ui.css"];
const MAP = /\n\/[/*][#@] sourceMappingURL=\S+?(?: ?\*\/)?\s*$/;

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
      for (const [file, name] of Object.entries(FILES)) copyFileSync(join(source, file), join(target, name));
      for (const file of WITH_MAPS) {
        writeFileSync(join(target, file), readFileSync(join(source, file), "utf8").replace(MAP, "\n"));
      }
    },
  };
}
