// What the tests of the editors share: where things are, the files that are read, and the language server as a plain client sees it.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
export const EXTENSION = join(ROOT, "lang/editors/vscode");
const packages = createRequire(join(EXTENSION, "package.json"));
/** Loads one of the packages that the extension is built with. */
/** @type {(name: string) => any} */
export const load = packages;
/** Where a file of such a package is. */
export const resolve = packages.resolve;

/** @type {(name: string) => string} */
export function from(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run it with \`cargo xtask test\``);
  return value;
}

export const PROGRAM = from("FLEETNET_PROGRAM");

/** All files below a folder with this ending, by their path from the root of the repository. */
export function files(/** @type {string} */ folder, /** @type {string} */ ending) {
  const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
  const found = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return found.map((entry) => relative(ROOT, join(entry.parentPath, entry.name))).toSorted();
}

export const read = (/** @type {string} */ path) => readFileSync(join(ROOT, path), "utf8");

/** The blocks of code of a Markdown text that are in a language. */
export function blocks(/** @type {string} */ markdown, /** @type {string} */ language) {
  const fence = new RegExp(`^\`\`\`${language}[^\\n]*\\n([^]*?)^\`\`\``, "gm");
  return [...markdown.matchAll(fence)].map((match) => match[1] ?? "");
}

/**
 * Does something with a copy of a package below `examples/`, in a folder that is gone afterwards.
 * @template T
 * @param {string} name
 * @param {(folder: string) => Promise<T>} act
 */
export async function copied(name, act) {
  const folder = mkdtempSync(join(tmpdir(), "fleetnet-editors-"));
  try {
    cpSync(join(ROOT, "examples", name), folder, { recursive: true });
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The texts of the files in a zip. */
export function unzipped(/** @type {string} */ path) {
  /** @type {Map<string, string>} */
  const found = new Map();
  /** @type {Promise<Map<string, string>>} */
  const texts = new Promise((done, failed) => {
    load("yauzl").open(path, { lazyEntries: true }, (/** @type {Error} */ error, /** @type {any} */ zip) => {
      if (error) {
        return failed(error);
      }
      zip.on("entry", (/** @type {any} */ entry) =>
        zip.openReadStream(entry, async (/** @type {Error} */ problem, /** @type {any} */ stream) => {
          assert.ifError(problem);
          found.set(entry.fileName, Buffer.concat(await stream.toArray()).toString("utf8"));
          zip.readEntry();
        }),
      );
      zip.once("end", () => done(found));
      zip.readEntry();
    });
  });
  return texts;
}

/** What `fleetnet check --format plain` finds in a folder, as lines. */
export function check(/** @type {string} */ folder) {
  const told = (/** @type {string} */ text) => text.split("\n").filter((line) => line !== "");
  try {
    return told(execFileSync(PROGRAM, ["check", "--format", "plain"], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
  } catch (problem) {
    // Findings end it with 1, and are all there.
    return told(/** @type {{ stdout: string }} */ (problem).stdout);
  }
}

/** A session with `fleetnet lsp`. */
export async function session() {
  const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = load("vscode-jsonrpc/node");
  const server = spawn(PROGRAM, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
  const connection = createMessageConnection(new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
  connection.listen();
  const ask = (/** @type {string} */ method, /** @type {unknown} */ params) => connection.sendRequest(method, params);
  const { capabilities } = await ask("initialize", { processId: null, rootUri: null, capabilities: {} });
  await connection.sendNotification("initialized", {});
  let opened = 0;
  return {
    capabilities,
    ask,
    /** Opens a text that lies nowhere, and gives its address. */
    open: async (/** @type {string} */ text) => {
      const uri = pathToFileURL(join(tmpdir(), `fleetnet-nowhere-${process.pid}-${opened++}`, "a.fleetnet")).href;
      await connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: "fleetnet", version: 1, text },
      });
      return uri;
    },
    end: async () => {
      await ask("shutdown", null);
      await connection.sendNotification("exit");
      const code = await new Promise((done) => server.once("exit", done));
      connection.dispose();
      assert.equal(code, 0);
    },
  };
}
