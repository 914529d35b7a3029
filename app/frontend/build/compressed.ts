import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { constants, brotliCompressSync, gzipSync } from "node:zlib";
import type { Plugin, ResolvedConfig } from "vite";

const TEXT = /\.(?:js|css|svg)$/;

/** What brotli takes the bytes for, and its blocks as powers of two, 0: its own choice, which a few letters more or less in a script can make worse by a hundred bytes. */
const WAYS = [constants.BROTLI_MODE_GENERIC, constants.BROTLI_MODE_FONT].flatMap((mode) => [0, 17].map((block) => ({ mode, block })));

const brotli = (bytes: Uint8Array, { mode, block }: (typeof WAYS)[number]) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_MODE]: mode, [constants.BROTLI_PARAM_LGBLOCK]: block },
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
        const [first, ...others] = WAYS.map((way) => brotli(bytes, way));
        writeFileSync(`${file}.br`, others.reduce((least, each) => (each.length < least.length ? each : least), first!));
      }
    },
  };
}
