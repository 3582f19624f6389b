// What the tests of the page share: the program that serves it, a browser, packages, links.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";
import { fileURLToPath } from "node:url";
import { deflateRawSync, inflateRawSync } from "node:zlib";

/** @typedef {import("playwright-core").Page} Page */
/** @typedef {import("playwright-core").Browser} Browser */
/** @typedef {Record<string, string>} Files */

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "../..");
const require = createRequire(join(ROOT, "playground/web/package.json"));
/** @type {typeof import("playwright-core")} */
const { chromium } = require("playwright-core");

/** @type {(name: string) => string} */
function from(name) {
  const value = process.env[name];
  assert.ok(value, `${name} is not set: run it with \`cargo xtask test browser\``);
  return value;
}

export const PROGRAM = from("FLEETNET_PROGRAM");
const SCREENSHOTS = process.env["FLEETNET_SCREENSHOTS"];

/** Starts `fleetnet playground`, of a path or of what comes in, and gives the link that it prints, and what ends it. */
export async function serve(path = "", input = "") {
  const server = spawn(PROGRAM, ["playground", ...(path === "" ? [] : [path])], { stdio: ["pipe", "pipe", "ignore"] });
  server.stdin.end(input);
  const lines = createInterface({ input: server.stdout });
  const link = await new Promise((done, failed) => {
    lines.once("line", done);
    server.once("exit", (code) => failed(new Error(`fleetnet playground ended with ${code}`)));
  });
  return { link: String(link), stop: () => server.kill("SIGINT") };
}

export function launch() {
  return chromium.launch({ executablePath: from("FLEETNET_CHROMIUM"), headless: true, args: ["--no-sandbox"] });
}

/**
 * What all tests of a file share, once they run.
 * @type {Browser}
 */
export let browser;
/** @type {{ link: string, stop: () => void }} */
export let server;

/** Has a browser and a server for the tests of a file. */
export function share() {
  before(async () => {
    [browser, server] = await Promise.all([launch(), serve()]);
  });
  after(async () => {
    await browser?.close();
    server?.stop();
  });
}

/**
 * A tab, in a profile of its own. What it asks of the network and what goes wrong in it is kept.
 * @param {Browser} browser
 * @param {string} url
 * @param {{ width?: number, height?: number, scheme?: "light" | "dark", script?: () => void, without?: RegExp }} [options]
 *   looks; what is run before the page; what is not loaded
 */
export async function open(browser, url, { width = 1440, height = 900, scheme = "light", script, without } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
  if (script !== undefined) {
    await context.addInitScript(script);
  }
  if (without !== undefined) {
    await context.route(without, (route) => route.abort());
  }
  const page = await context.newPage();
  /** @type {string[]} */
  const requests = [];
  /** @type {string[]} */
  const problems = [];
  context.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(url);
  await settled(page);
  return { page, requests, problems, close: () => context.close() };
}

/** Waits until the findings are of the text as it stands. */
export async function settled(/** @type {Page} */ page) {
  await page.waitForFunction(() => document.documentElement.dataset["settled"] === "true");
}

/** Waits until what is shown between the lines is of the open file, so that they stay where they are. */
export async function annotated(/** @type {Page} */ page) {
  await settled(page);
  await page.waitForFunction(() => document.documentElement.dataset["annotated"] === "true");
}

/** The files of a package below `examples/`. */
export function example(/** @type {string} */ name) {
  const root = join(ROOT, "examples", name);
  /** @type {Files} */
  const files = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name);
      files[relative(root, path).replaceAll("\\", "/")] = readFileSync(path, "utf8");
    }
  }
  return files;
}

/** What the program finds in a package, as JSON. */
export function check(/** @type {Files} */ files) {
  return within(files, run);
}

/**
 * Does something in a folder that holds these files.
 * @template T
 * @param {Record<string, string | Buffer>} files
 * @param {(folder: string) => T} act
 */
export function within(files, act) {
  const folder = mkdtempSync(join(tmpdir(), "fleetnet-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return act(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function run(/** @type {string} */ folder) {
  try {
    const options = { cwd: folder, encoding: /** @type {const} */ ("utf8") };
    return JSON.parse(execFileSync(PROGRAM, ["check", "--quiet", "--format", "json"], options));
  } catch (problem) {
    // Findings end it with 1, and are all there.
    return JSON.parse(/** @type {{ stdout: string }} */ (problem).stdout);
  }
}

/** The findings that the page lists, in the words in which it does. */
export function listed(/** @type {Page} */ page) {
  return page.locator("#findings .finding").evaluateAll((items) =>
    items.map((item) => ({
      head: item.querySelector(".badge")?.textContent,
      place: item.querySelector(".place")?.textContent,
      message: item.querySelector(".message")?.textContent,
      label: item.querySelector(":scope > .label")?.textContent ?? "",
      help: item.querySelector(":scope > .help")?.textContent ?? "",
      related: [...item.querySelectorAll(".related li")].map((party) => party.textContent),
    })),
  );
}

/** The same of what the program found, the worst first. */
export function expected(/** @type {any[]} */ diagnostics) {
  /** @type {(place: any) => string} */
  const at = ({ path, start }) => `${path}:${start.line}:${start.column}`;
  const severities = ["error", "warning", "note"];
  const sorted = diagnostics.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
  return sorted.map((found) => ({
    head: `${found.severity}[${found.code}]`,
    place: at(found),
    message: found.message,
    label: found.label ?? "",
    help: found.help === undefined ? "" : `help: ${found.help}`,
    related: (found.related ?? []).map((/** @type {any} */ party) => `${at(party)} ${party.text}`),
  }));
}

/** A fragment with any text in it. */
export function fragmentOf(/** @type {string | Buffer} */ text) {
  return `#p1.${deflateRawSync(text).toString("base64url")}`;
}

export function link(/** @type {Files} */ files) {
  return fragmentOf(JSON.stringify({ files, params: {} }));
}

/** What a fragment holds. */
export function unpack(/** @type {string} */ hash) {
  return JSON.parse(inflateRawSync(Buffer.from(hash.slice("#p1.".length), "base64url")).toString("utf8"));
}

/**
 * What a link to the package as it stands holds.
 * @returns {Promise<Files>}
 */
export async function shared(/** @type {Page} */ page) {
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.locator(".toast.shown").filter({ hasText: "It holds the whole source" }).waitFor();
  return unpack(new URL(page.url()).hash).files;
}

export async function screenshot(/** @type {Page} */ page, /** @type {string} */ name) {
  if (SCREENSHOTS !== undefined) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
}
