import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const TEXT = /\.(?:js|css|svg)$/;

/** As powers of two, 0: brotli's own choice, which a few letters more or less in a script can make worse by a hundred bytes. */
const BLOCKS = [0, 17];

const brotli = (bytes: Uint8Array, block: number) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_LGBLOCK]: block },
  });

/** Writes a .br and a .gz beside each script and style, so that the server compresses nothing while it serves. */
export function compressed(): Plugin {
  let config: ResolvedConfig;
  return {
    name: "compressed",
    apply: "build",
    configResolved(resolved) {
      config = resolved;
    },
    closeBundle() {
      const folder = join(config.root, config.build.outDir, config.build.assetsDir);
      for (const name of readdirSync(folder).filter((file) => TEXT.test(file))) {
        const file = join(folder, name);
        const bytes = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        const [first, ...others] = BLOCKS.map((block) => brotli(bytes, block));
        writeFileSync(`${file}.br`, others.reduce((least, each) => (each.length < least.length ? each : least), first!));
      }
    },
  };
}
