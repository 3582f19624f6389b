// A real VS Code with the extension in it: its server on this machine, its window in a browser.

import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { PROGRAM, from, load } from "./harness.mjs";

/** @typedef {import("playwright-core").Page} Page */

/** @type {typeof import("playwright-core")} */
const { chromium } = load("playwright-core");

/**
 * Opens a folder in a window of its own, with nothing installed but the extension.
 * @param {string} folder
 */
export async function window(folder) {
  const home = mkdtempSync(join(tmpdir(), "fleetnet-vscode-"));
  const user = join(home, "user");
  mkdirSync(join(user, "Machine"), { recursive: true });
  writeFileSync(join(user, "Machine/settings.json"), JSON.stringify({ "fleetnet.path": PROGRAM }));
  const options = ["--accept-server-license-terms", "--telemetry-level", "off", "--server-data-dir", join(home, "data")];
  options.push("--user-data-dir", user, "--extensions-dir", join(home, "extensions"));
  const code = from("FLEETNET_VSCODE");
  const env = { ...process.env, HOME: home };
  const installed = spawnSync(process.execPath, [code, ...options, "--install-extension", from("FLEETNET_EXTENSION")], { env, encoding: "utf8" });
  if (installed.status !== 0) {
    throw new Error(`the extension can't be installed:\n${installed.stdout}${installed.stderr}`);
  }
  const serve = ["--host", "127.0.0.1", "--port", "0", "--without-connection-token"];
  const server = spawn(process.execPath, [code, ...options, ...serve], { env, stdio: ["ignore", "pipe", "ignore"] });
  const browser = await chromium.launch({ executablePath: from("FLEETNET_CHROMIUM"), headless: true, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await page.goto(`${await address(server)}/?folder=${encodeURIComponent(folder)}`);
  await page.getByRole("button", { name: "Yes, I trust the authors" }).click();
  return {
    page,
    close: async () => {
      await browser.close();
      const ended = new Promise((done) => server.once("exit", done));
      server.kill();
      await ended;
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Where the server says that it is. */
function address(/** @type {import("node:child_process").ChildProcess} */ server) {
  return new Promise((done, failed) => {
    server.once("exit", (code) => failed(new Error(`the server ended with ${code}`)));
    const lines = createInterface({ input: /** @type {NodeJS.ReadableStream} */ (server.stdout) });
    lines.on("line", (line) => {
      const port = /listening on (\d+)/.exec(line)?.[1];
      if (port !== undefined) {
        done(`http://127.0.0.1:${port}`);
      }
    });
  });
}

/** Opens a file by the names of its folders and its own. */
export async function openFile(/** @type {Page} */ page, /** @type {string[]} */ ...names) {
  for (const name of names) {
    await page.locator(".explorer-folders-view .monaco-list-row").filter({ hasText: new RegExp(`^${name}$`) }).first().click();
  }
  await page.locator(".tab.active").filter({ hasText: names.at(-1) ?? "" }).waitFor();
}

/** Runs a command by its title. */
export async function run(/** @type {Page} */ page, /** @type {string} */ title) {
  await page.keyboard.press("F1");
  await page.keyboard.type(title);
  await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
}
