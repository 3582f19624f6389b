// A compiler that stops, hangs or does not come.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, example, listed, open, server, settled, share } from "./harness.mjs";

/** @typedef {import("playwright-core").Page} Page */

share();

/**
 * Workers that are counted in `workers`, in which a call of the name `traps` stops the compiler as a trap does, and one of the
 * name `hangs` has no answer, nor has what is asked behind it, but for a check.
 */
function faulty() {
  const faults = { workers: 0, traps: "", hangs: "" };
  Object.assign(globalThis, { faults });
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    hangs = false;
    constructor(/** @type {string | URL} */ url, /** @type {WorkerOptions | undefined} */ options) {
      super(url, options);
      faults.workers += 1;
    }
    /** @override */
    postMessage(/** @type {any} */ question) {
      if (question.call === faults.traps) {
        setTimeout(() => this.onmessage?.(new MessageEvent("message", { data: { stopped: "unreachable" } })));
        return;
      }
      this.hangs ||= question.call === faults.hangs;
      if (question.call !== faults.hangs && (!this.hangs || question.call === "check")) {
        super.postMessage(question);
      }
    }
  };
}

/** A page with such workers. */
async function opened(/** @type {Partial<{ traps: string, hangs: string }>} */ faults = {}) {
  const tab = await open(browser, server.link, { script: faulty });
  await set(tab.page, faults);
  return tab;
}

async function set(/** @type {Page} */ page, /** @type {Partial<{ traps: string, hangs: string }>} */ faults) {
  await page.evaluate((faults) => void Object.assign(/** @type {any} */ (globalThis).faults, faults), faults);
}

const workers = (/** @type {Page} */ page) => page.evaluate(() => /** @type {any} */ (globalThis).faults.workers);
const toast = (/** @type {Page} */ page, /** @type {string} */ text) => page.locator(".toast.shown").filter({ hasText: text }).waitFor();

async function type(/** @type {Page} */ page, /** @type {string} */ text) {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.insertText(text);
}

test("a compiler that stops over a panel is started again with the package", async () => {
  const { page, problems, close } = await opened();
  const before = await listed(page);
  await set(page, { traps: "build" });
  await page.getByRole("tab", { name: "Artifacts" }).click();
  await toast(page, "The compiler stopped and was started again: unreachable.");
  assert.equal(await workers(page), 2);
  await set(page, { traps: "" });
  await page.getByRole("tab", { name: "Why" }).click();
  await page.getByLabel("From").fill("shop/web");
  await page.getByLabel("To", { exact: true }).fill("payments/checkout");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".answer.passes").first().waitFor();
  await page.getByRole("tab", { name: "Artifacts" }).click();
  await page.getByRole("button", { name: "maps.fnimg" }).first().waitFor();
  assert.deepEqual(await listed(page), before);
  assert.equal(await workers(page), 2);
  assert.deepEqual(problems, []);
  await close();
});

test("a text that stops the compiler is not asked again, and the next one is", async () => {
  const { page, problems, close } = await opened();
  const before = await listed(page);
  await set(page, { traps: "check" });
  await type(page, "\n# one");
  await page.locator("#findings .empty").filter({ hasText: "it stopped: unreachable" }).waitFor();
  await settled(page);
  assert.equal(await workers(page), 2);
  await set(page, { traps: "" });
  await type(page, "\n# two");
  await settled(page);
  assert.deepEqual(await listed(page), before);
  assert.equal(await workers(page), 2);
  assert.deepEqual(problems, []);
  await close();
});

test("a compiler that stops again and again is given up, with a word", async () => {
  const { page, problems, close } = await opened();
  await set(page, { traps: "check" });
  await type(page, "\n# one");
  await page.locator("#findings .empty").filter({ hasText: "it stopped: unreachable" }).waitFor();
  await settled(page);
  // The colours of a text are an answer, after which all is well again.
  await set(page, { hangs: "highlight" });
  await type(page, "\n# two");
  await settled(page);
  await type(page, "\n# three");
  await page.locator("#findings .empty").filter({ hasText: "2 times in a row: unreachable. Reload the page" }).waitFor();
  await settled(page);
  const many = await workers(page);
  assert.ok(many <= 4, `${many} workers`);
  await type(page, "\n# four");
  await page.getByRole("tab", { name: "Artifacts" }).click();
  await settled(page);
  assert.equal(await workers(page), many);
  assert.deepEqual(problems, []);
  await close();
});

test("a call without an end makes way for a newer text, and for another package", async () => {
  const { page, problems, close } = await opened();
  // What another package takes the place of can be had back: that stays on the screen.
  const cases = [
    { next: () => type(page, "\n# more"), told: "The compiler was busy with an older text" },
    { next: () => page.getByLabel("Example").selectOption("blue-green"), told: "blue-green is opened in the place of yours." },
  ];
  for (const { next, told } of cases) {
    await set(page, { hangs: "prove" });
    await type(page, "\npolicy one for shop/wep { }");
    await page.locator("#findings .error").filter({ hasText: "`shop/wep`" }).first().waitFor();
    await type(page, "\ntest \"mine\" { can world -> all }");
    await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
    const before = await workers(page);
    await set(page, { hangs: "" });
    await next();
    await settled(page);
    await toast(page, told);
    assert.equal(await workers(page), before + 1);
    await page.locator("#findings").filter({ hasText: /./ }).waitFor();
  }
  assert.deepEqual(problems, []);
  await close();
});

test("findings are shown while tests are being asked", async () => {
  const { page, problems, close } = await opened();
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.locator(".promise.kept").first().waitFor();
  await set(page, { hangs: "prove" });
  await type(page, "\npolicy one for shop/web { }");
  await page.getByRole("tab", { name: "Tests asking…" }).waitFor();
  await page.locator(".promise.asking").first().waitFor();
  assert.equal(await page.locator(".promise.kept").count(), 0);
  assert.ok((await listed(page)).length > 0);
  assert.deepEqual(problems, []);
  await close();
});

test("a compiler that can't be loaded is missed, and the text is there", async () => {
  const { page, close } = await open(browser, server.link, { without: /\.wasm$/ });
  await page.locator("#findings .empty").filter({ hasText: "The compiler has no answer" }).waitFor();
  const text = (await page.locator(".cm-line").allTextContents()).join("\n");
  assert.ok(text.startsWith((example("contoso")["fleet.fleetnet"] ?? "").split("\n")[0] ?? " "));
  await close();
});
