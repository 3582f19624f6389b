// What the editor shows that is none of the text: hints, and who reaches what.

import assert from "node:assert/strict";
import { test } from "node:test";

import { annotated, browser, example, link, open, screenshot, server, share, shared } from "./harness.mjs";

/** @typedef {import("playwright-core").Page} Page */

share();

const SHOP = "teams/shop/shop.fleetnet";

/** Opens contoso with the file of the shop in front. */
async function shop() {
  const opened = await open(browser, `${server.link}${link(example("contoso"))}`);
  await opened.page.locator("#files [role=tab]").filter({ hasText: "shop.fleetnet" }).click();
  await annotated(opened.page);
  return opened;
}

/** The text of the open file, without what is shown in it. */
const written = async (/** @type {Page} */ page) => (await shared(page))[SHOP] ?? "";

/** The lenses on the screen, each with the line below it. */
const lenses = (/** @type {Page} */ page) =>
  page.locator(".cm-lens").evaluateAll((found) => found.map((lens) => [lens.querySelector("button")?.textContent, lens.nextElementSibling?.textContent]));

test("a lens says who reaches a service, and leads to those who do", async () => {
  const { page, problems, close } = await shop();
  const before = await lenses(page);
  assert.ok(before.length > 0);
  for (const [title, line] of before) {
    assert.match(title ?? "", /^reached by .+ · reaches .+$/);
    assert.match(line ?? "", /^(identity|service|policy) /);
  }
  const lens = page.locator(".cm-lens").filter({ has: page.getByRole("button", { name: /reached by .*identit/ }) }).first();
  const title = lens.getByRole("button").first();
  await title.click();
  const place = lens.locator("li button").first();
  await place.waitFor();
  assert.equal(await title.getAttribute("aria-expanded"), "true");
  await screenshot(page, "lens");
  const name = (await place.textContent()) ?? "";
  assert.match(name, /\//);
  await place.click();
  // Where it is declared, in whichever file.
  const line = page.locator(".cm-activeLine");
  await line.filter({ hasText: `identity ${name}` }).waitFor();
  assert.deepEqual(problems, []);
  await close();
});

test("hints stand behind rules, are none of the text, and move along with it", async () => {
  const { page, problems, close } = await shop();
  const text = await written(page);
  assert.equal(text, example("contoso")[SHOP]);
  const hints = page.locator(".cm-hint");
  assert.match((await hints.first().textContent()) ?? "", /entr|%/);
  const count = await lenses(page);
  // What is half typed leaves what was known, a line further down.
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("clu");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Enter");
  await annotated(page);
  assert.match((await written(page)).split("\n")[0] ?? "", /^clu/);
  assert.deepEqual(await lenses(page), count);
  assert.deepEqual(problems, []);
  await close();
});
