// Bundles the page into static files whose names change with their content.
//
//   node build.mjs GLUE OUT
//
// GLUE holds fleetnet_playground.js and fleetnet_playground_bg.wasm as wasm-bindgen writes them for the web.

import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const [glue, out] = process.argv.slice(2);
if (glue === undefined || out === undefined) {
  console.error("usage: node build.mjs GLUE OUT");
  process.exit(2);
}

/** @type {(name: string, content: string | Uint8Array) => Promise<string>} */
async function put(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const file = name.replace(/(\.\w+)$/, `-${hash}$1`);
  await writeFile(join(/** @type {string} */ (out), file), content);
  return file;
}

/** @type {(entry: string, define: Record<string, string>) => Promise<Uint8Array>} */
async function bundle(entry, define) {
  const result = await build({
    entryPoints: [join(here, entry)],
    alias: { "fleetnet-wasm": resolve(/** @type {string} */ (glue), "fleetnet_playground.js") },
    bundle: true,
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
    format: "esm",
    loader: { ".fleetnet": "text", ".lock": "text" },
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    target: ["chrome111", "firefox115", "safari17"],
    write: false,
  });
  const [file] = result.outputFiles;
  if (file === undefined) {
    throw new Error(`${entry} gives no bundle`);
  }
  return file.contents;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const wasm = await put("compiler.wasm", await readFile(join(glue, "fleetnet_playground_bg.wasm")));
const worker = await put("worker.js", await bundle("src/worker.ts", {}));
const main = await put("page.js", await bundle("src/main.ts", { WASM_FILE: wasm, WORKER_FILE: worker }));
const style = await put("style.css", await bundle("style.css", {}));
const icon = await put(basename("icon.svg"), await readFile(join(here, "icon.svg")));
const page = await readFile(join(here, "index.html"), "utf8");
const files = { ICON_FILE: icon, STYLE_FILE: style, MAIN_FILE: main, WASM_FILE: wasm, WORKER_FILE: worker };
await writeFile(
  join(out, "index.html"),
  Object.entries(files).reduce((text, [name, file]) => text.replace(name, file), page),
);
