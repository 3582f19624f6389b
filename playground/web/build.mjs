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

/**
 * Bundles each entry, and what several of them share into a file of its own; gives the names of the files.
 * @type {(entries: Record<string, string>, define: Record<string, string>) => Promise<string[]>}
 */
async function bundle(entries, define) {
  const { outputFiles = [] } = await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, join(here, entry)])),
    alias: { "fleetnet-wasm": resolve(/** @type {string} */ (glue), "fleetnet_playground.js") },
    bundle: true,
    chunkNames: "[name]-[hash]",
    define: Object.fromEntries(Object.entries(define).map(([name, value]) => [name, JSON.stringify(value)])),
    entryNames: "[name]-[hash]",
    format: "esm",
    loader: { ".fleetnet": "text", ".lock": "text" },
    legalComments: "none",
    logLevel: "warning",
    minify: true,
    outdir: /** @type {string} */ (out),
    splitting: true,
    target: ["chrome111", "firefox115", "safari17"],
    write: false,
  });
  await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
  return outputFiles.map(({ path }) => basename(path));
}

/** @type {(files: string[], name: string) => string} */
function named(files, name) {
  const found = files.find((file) => file.startsWith(`${name}-`));
  if (found === undefined) {
    throw new Error(`there is no ${name} among ${files.join(", ")}`);
  }
  return found;
}

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const wasm = await put("compiler.wasm", await readFile(join(glue, "fleetnet_playground_bg.wasm")));
const [worker = ""] = await bundle({ worker: "src/worker.ts" }, { WASM_FILE: wasm });
const scripts = await bundle({ start: "src/start.ts" }, { WORKER_FILE: worker });
const [style = ""] = await bundle({ style: "style.css" }, {});
const icon = await put("icon.svg", await readFile(join(here, "icon.svg")));
const page = await readFile(join(here, "index.html"), "utf8");
const files = {
  ICON_FILE: icon,
  STYLE_FILE: style,
  START_FILE: named(scripts, "start"),
  SHARED_FILE: named(scripts, "chunk"),
  MAIN_FILE: named(scripts, "main"),
};
await writeFile(
  join(out, "index.html"),
  Object.entries(files).reduce((text, [name, file]) => text.replace(name, file), page),
);
