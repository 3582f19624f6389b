// What the editor knows of the language while somebody types: the same as the language server.

import assert from "node:assert/strict";
import { test } from "node:test";

import { annotated, browser, check, example, expected, link, listed, open, screenshot, server, settled, share, shared } from "./harness.mjs";

/** @typedef {import("playwright-core").Page} Page */

share();

const SHOP = "teams/shop/shop.fleetnet";

/** Opens contoso with the file of the shop in front. */
async function shop(/** @type {Record<string, string>} */ files = example("contoso")) {
  const opened = await open(browser, `${server.link}${link(files)}`);
  await opened.page.locator("#files [role=tab]").filter({ hasText: "shop.fleetnet" }).click();
  return opened;
}

/** Where a word of a line is on the screen. */
async function point(/** @type {Page} */ page, /** @type {string} */ line, /** @type {string} */ word) {
  await annotated(page);
  const found = page.locator(".cm-line").filter({ hasText: line }).first();
  await found.scrollIntoViewIfNeeded();
  return found.evaluate((element, word) => {
    const texts = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const before = (element.textContent ?? "").indexOf(word) + Math.floor(word.length / 2);
    let seen = 0;
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      const { length } = text.textContent ?? "";
      if (before < seen + length) {
        const range = document.createRange();
        range.setStart(text, before - seen);
        range.setEnd(text, before - seen + 1);
        const { left, top, width, height } = range.getBoundingClientRect();
        return { x: left + width / 4, y: top + height / 2 };
      }
      seen += length;
    }
    throw new Error(`no ${word}`);
  }, word);
}

/** Puts the cursor into a word of a line. */
async function into(/** @type {Page} */ page, /** @type {string} */ line, /** @type {string} */ word) {
  const { x, y } = await point(page, line, word);
  await page.mouse.click(x, y);
}

const CALL = "allow to   payments/checkout on http";

test("names and keywords are offered where they may stand", async () => {
  const { page, problems, close } = await shop();
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\npolicy more for shop/c");
  const items = page.locator(".cm-tooltip-autocomplete li");
  await items.filter({ hasText: "shop/cart" }).waitFor();
  await screenshot(page, "completion");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" { al");
  await items.filter({ hasText: "allow" }).waitFor();
  // What appeared just now is not taken for what somebody saw.
  await page.waitForTimeout(200);
  await page.keyboard.press("Enter");
  await page.keyboard.type(" to dns \"a.example\" on 443/tcp }");
  await settled(page);
  const text = (await shared(page))[SHOP] ?? "";
  assert.ok(text.endsWith("\npolicy more for shop/cart { allow to dns \"a.example\" on 443/tcp }"), text);
  assert.deepEqual(problems, []);
  await close();
});

test("a statement that is being written shows its form, with the part that comes", async () => {
  const { page, problems, close } = await shop();
  const signature = page.locator(".cm-signature");
  const active = (/** @type {string} */ part) => signature.locator(".cm-signature-part").getByText(part, { exact: true }).waitFor();
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("\npolicy more for shop/cart {\nallow ");
  await active("from|to");
  assert.equal(await signature.locator(":scope > code").textContent(), "allow from|to PEERS [on PORTS] [{ METHOD PATH … }] [reason STRING]");
  assert.equal(await signature.locator(".cm-help").textContent(), "Allows flows of the subjects from or to peers, unless a `deny` matches.");
  await page.keyboard.type("from ");
  await active("PEERS");
  await page.keyboard.type("world on ");
  await active("PORTS");

  // Closed it stays closed until it is asked for; away from statements there is none.
  await settled(page);
  for (let times = 0; times < 3 && (await signature.count()) > 0; times += 1) {
    // The first may be for words that are offered.
    await page.keyboard.press("Escape");
    await page.waitForTimeout(200);
  }
  await signature.waitFor({ state: "detached" });
  await page.keyboard.type("443/tcp ");
  await settled(page);
  assert.equal(await signature.count(), 0);
  await page.keyboard.press("Control+Shift+Space");
  await active("{");
  await page.keyboard.press("Home");
  await active("allow");
  await page.keyboard.press("ArrowUp");
  await active("policy");
  await page.keyboard.press("ArrowUp");
  await signature.waitFor({ state: "detached" });
  assert.deepEqual(problems, []);
  await close();
});

test("a name says what it is, and leads to where it is declared", async () => {
  const { page, problems, close } = await shop();
  const { x, y } = await point(page, CALL, "checkout");
  await page.mouse.move(x, y);
  const hover = page.locator(".cm-hover");
  await hover.waitFor();
  assert.match((await hover.textContent()) ?? "", /^identity payments\/checkout/);
  await screenshot(page, "hover");

  await into(page, CALL, "checkout");
  await page.keyboard.press("F12");
  await page.locator("#files [aria-selected=true]").filter({ hasText: "checkout.fleetnet" }).waitFor();
  const line = await page.locator(".cm-activeLine").textContent();
  assert.match(line ?? "", /^identity payments\/checkout/);

  await page.locator("#files [role=tab]").filter({ hasText: "shop.fleetnet" }).click();
  await page.keyboard.down("Control");
  await into(page, CALL, "checkout");
  await page.keyboard.up("Control");
  await page.locator("#files [aria-selected=true]").filter({ hasText: "checkout.fleetnet" }).waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test("a name is another in every file, and is none that something else has", async () => {
  const base = `fleet f { target cilium ; default deny }
cluster east { id 1 ; cilium-name "east-1" ; region r ; pods 10.1.0.0/16 ; nodes 10.2.0.0/24 ; cilium "1.19.4" }
namespace shop { in east }
identity shop/web { match app = web }
identity shop/cart { match app = cart ; port grpc 9090/tcp }
`;
  const files = { "a.fleetnet": base, "b.fleetnet": "# é 🕸\npolicy p { allow shop/web -> shop/cart on grpc } # shop/web\n" };
  const { page, problems, close } = await open(browser, `${server.link}${link(files)}`);
  assert.deepEqual(await listed(page), expected(check(files).diagnostics));
  await into(page, "identity shop/web", "web");
  await page.keyboard.press("F2");
  const input = page.locator(".cm-rename input");
  await input.waitFor();
  assert.equal(await input.inputValue(), "web");
  await input.fill("cart");
  await page.keyboard.press("Enter");
  await page.locator(".toast.refused.shown").filter({ hasText: "`cart` is already declared" }).waitFor();
  await input.fill("front");
  await page.keyboard.press("Enter");
  await page.locator(".toast.shown").filter({ hasText: "2 places in 2 files replaced" }).waitFor();
  await settled(page);
  const renamed = await shared(page);
  assert.deepEqual(renamed, {
    "a.fleetnet": base.replace("shop/web", "shop/front"),
    "b.fleetnet": "# é 🕸\npolicy p { allow shop/front -> shop/cart on grpc } # shop/web\n",
  });
  assert.deepEqual(await listed(page), expected(check(renamed).diagnostics));
  assert.deepEqual(problems, []);
  await close();
});

test("a file gets its layout by a button and by keys, as one change", async () => {
  const files = example("contoso");
  const untidy = (files[SHOP] ?? "").replace("policy cart {\n  allow", "policy cart {\n        allow").replace("policy web for", "policy   web for");
  for (const act of ["keys", "button"]) {
    const { page, problems, close } = await shop({ ...files, [SHOP]: untidy });
    if (act === "keys") {
      await page.locator(".cm-content").focus();
      await page.keyboard.press("Shift+Alt+F");
    } else {
      await page.getByRole("button", { name: "Format" }).click();
    }
    await page.locator(".cm-line").filter({ hasText: /^policy web for/ }).waitFor();
    await settled(page);
    assert.equal((await shared(page))[SHOP], files[SHOP]);
    await page.locator(".cm-content").focus();
    await page.keyboard.press("Control+z");
    await settled(page);
    assert.equal((await shared(page))[SHOP], untidy);
    assert.deepEqual(problems, []);
    await close();
  }
});

test("what is underlined is mended at the cursor", async () => {
  const files = example("contoso");
  const wrong = (files[SHOP] ?? "").replace("shop/cart in local", "shop/crat in local");
  const { page, problems, close } = await shop({ ...files, [SHOP]: wrong });
  await page.locator(".cm-lintRange-error").first().waitFor();
  await into(page, "shop/crat", "crat");
  await page.keyboard.press("Control+.");
  await settled(page);
  assert.equal((await shared(page))[SHOP], files[SHOP]);
  assert.deepEqual(problems, []);
  await close();
});

test("the outline leads to every declaration", async () => {
  const { page, problems, close } = await shop();
  await page.getByRole("tab", { name: "Outline" }).click();
  const outline = page.locator(".outline");
  await outline.getByRole("button", { name: "service shop/cart" }).waitFor();
  await screenshot(page, "outline");
  const declared = await outline.locator(".outline-line").count();
  const texts = Object.entries(example("contoso")).filter(([path]) => path.endsWith(".fleetnet")).map(([, text]) => text);
  const headed = texts.join("\n").match(/^(?!#)[a-z]+ /gm)?.length ?? 0;
  assert.ok(declared >= headed && headed > 30, `${declared} lines, ${headed} declarations`);
  await outline.getByRole("button", { name: "identity payments/checkout" }).click();
  await page.locator("#files [aria-selected=true]").filter({ hasText: "checkout.fleetnet" }).waitFor();
  assert.match((await page.locator(".cm-activeLine").textContent()) ?? "", /^identity payments\/checkout/);
  assert.deepEqual(problems, []);
  await close();
});
