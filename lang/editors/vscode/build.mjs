// Builds the extension: the grammar, the bundled client, and the package that VS Code installs.
//
//   node build.mjs FILE.vsix

import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { createVSIX } from "@vscode/vsce";
import { build } from "esbuild";

import { grammar } from "./grammar/grammar.mjs";
import { markdown } from "./grammar/markdown.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [out] = process.argv.slice(2);
if (out === undefined) {
  console.error("usage: node build.mjs FILE.vsix");
  process.exit(2);
}

const dist = join(here, "dist");
await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const put = (/** @type {string} */ name, /** @type {unknown} */ content) => writeFile(join(dist, name), `${JSON.stringify(content)}\n`);
await put("fleetnet.tmLanguage.json", grammar);
await put("markdown.tmLanguage.json", markdown);
await build({
  entryPoints: [join(here, "src/extension.ts")],
  bundle: true,
  // The editor brings it.
  external: ["vscode"],
  format: "cjs",
  legalComments: "none",
  logLevel: "warning",
  minify: true,
  outfile: join(dist, "extension.js"),
  platform: "node",
  target: "node20",
});
await mkdir(dirname(out), { recursive: true });
// Everything that runs is in the bundle, so no package goes along.
await createVSIX({ cwd: here, packagePath: out, dependencies: false, skipLicense: true, allowMissingRepository: true });
