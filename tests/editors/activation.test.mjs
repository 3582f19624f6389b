// The built extension, activated: which program it starts, and when it starts none.

import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { PROGRAM, from, unzipped } from "./harness.mjs";
import { load } from "./stub.mjs";

/** @typedef {ReturnType<typeof load>} Editor */

/**
 * Does something with the bundle in an editor, and a program that notes with which words it is started.
 * @param {(at: { bundle: string, program: string, missing: string, started: () => string[], received: () => string }) => Promise<void>} act
 */
async function extension(act) {
  const folder = mkdtempSync(join(tmpdir(), "fleetnet-extension-"));
  try {
    const bundle = join(folder, "extension.cjs");
    writeFileSync(bundle, (await unzipped(from("FLEETNET_EXTENSION"))).get("extension/dist/extension.js") ?? assert.fail("no bundle"));
    const [program, words, input] = ["program", "words", "input"].map((name) => join(folder, name));
    assert.ok(program && words && input);
    writeFileSync(program, `#!/bin/sh\necho "$@" >> '${words}'\ntee '${input}' | '${PROGRAM}' "$@"\n`);
    chmodSync(program, 0o755);
    const lines = () => (existsSync(words) ? readFileSync(words, "utf8").split("\n").filter((line) => line !== "") : []);
    await act({ bundle, program, missing: join(folder, "missing"), started: lines, received: () => readFileSync(input, "utf8") });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("in a workspace that is trusted the program of the settings is the server, and is told the parameters", () =>
  extension(async ({ bundle, program, started, received }) => {
    const editor = load(bundle, { trusted: true, settings: { "fleetnet.path": program, "fleetnet.set": { replicas: "3" } } });
    await editor.activate();
    assert.deepEqual(started(), ["lsp"]);
    assert.ok(received().includes('"initializationOptions":{"fleetnet":{"set":{"replicas":"3"}}}'), received());
    assert.deepEqual(editor.messages, []);
    assert.deepEqual([...editor.commands.keys()].filter((name) => name.startsWith("fleetnet.")).toSorted(), [
      "fleetnet.check",
      // The server's own, which the client offers.
      "fleetnet.reachable",
      "fleetnet.restart",
      "fleetnet.showOutput",
      "fleetnet.showReachable",
    ]);
    await editor.commands.get("fleetnet.restart")?.();
    assert.deepEqual(started(), ["lsp", "lsp"]);
    await editor.deactivate();
  }));

test("in a workspace that is not trusted no program is started before it is", () =>
  extension(async ({ bundle, program, started }) => {
    const editor = load(bundle, { trusted: false, settings: { "fleetnet.path": program } });
    await editor.activate();
    await editor.commands.get("fleetnet.restart")?.();
    assert.deepEqual(started(), []);
    assert.deepEqual(editor.messages, []);
    await editor.trust();
    assert.deepEqual(started(), ["lsp"]);
    await editor.deactivate();
  }));

test("a program that does not start is told of, with what to do about it", () =>
  extension(async ({ bundle, program, missing, started }) => {
    for (const [choice, done] of /** @type {[string, unknown[]][]} */ ([
      ["Open Settings", ["workbench.action.openSettings", "fleetnet.path"]],
      ["Show Output", ["show output"]],
    ])) {
      /** @type {Record<string, unknown>} */
      const settings = { "fleetnet.path": missing };
      const editor = load(bundle, { trusted: true, settings, choice });
      await editor.activate();
      const [message, ...others] = editor.messages.filter(({ text }) => text.includes("does not start"));
      assert.deepEqual([message?.kind, message?.choices, others], ["error", ["Open Settings", "Show Output"], []]);
      assert.ok(message?.text.includes(`\`${missing} lsp\``), message?.text);
      assert.ok(editor.output.some((line) => line.includes("can't be started")), editor.output.join("\n"));
      await new Promise((later) => setImmediate(later));
      assert.deepEqual(editor.executed.filter(([name]) => name === done[0]), [done]);
      // The setting is mended.
      settings["fleetnet.path"] = program;
      const before = started().length;
      await editor.commands.get("fleetnet.restart")?.();
      assert.equal(started().length, before + 1);
      await editor.deactivate();
    }
  }));
