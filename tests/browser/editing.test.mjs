// What somebody does to a package: fixes, files, other packages, keys.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, check, example, expected, link, listed, open, screenshot, server, settled, share, shared } from "./harness.mjs";

/** @typedef {import("playwright-core").Page} Page */

share();

const SHOP = "teams/shop/shop.fleetnet";

/** Contoso with a name misspelt in one of its files. */
function misspelt() {
  const files = example("contoso");
  const text = files[SHOP] ?? "";
  assert.ok(text.includes("policy web for shop/web {"));
  return { ...files, [SHOP]: `# é 🕸\n${text.replace("policy web for shop/web {", "policy web for shop/wep {")}` };
}

/** Appends to the open file. */
async function append(/** @type {Page} */ page, /** @type {string} */ text) {
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(text);
  await settled(page);
}

const tabs = (/** @type {Page} */ page) =>
  page.locator("#files [role=tab]").evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute("data-tab")));

for (const [ending, name] of [["\n", "LF"], ["\r\n", "CRLF"]]) {
  test(`a fix mends a file with ${name} where it is wrong, and keeps the rest`, async () => {
    const files = misspelt();
    const text = (files[SHOP] ?? "").replaceAll("\n", ending ?? "");
    const { page, problems, close } = await open(browser, `${server.link}${link({ ...files, [SHOP]: text })}`);
    const { diagnostics } = check({ ...files, [SHOP]: text });
    assert.deepEqual(await listed(page), expected(diagnostics));

    const finding = page.locator("#findings .finding.error").filter({ hasText: "`shop/wep` is not an identity" });
    await finding.locator(".place").first().click();
    await page.locator("#files [aria-selected=true]").filter({ hasText: "shop.fleetnet" }).waitFor();
    assert.equal(await page.locator(".cm-lintRange-error").first().textContent(), "shop/wep");
    await finding.locator(".fix").click();
    await settled(page);
    assert.equal(await finding.count(), 0);
    assert.equal((await shared(page))[SHOP], text.replace("shop/wep", "shop/web"));
    assert.deepEqual(problems, []);
    await close();
  });
}

test("a lone carriage return is the end of a line, for the editor and for the compiler", async () => {
  const files = { "a.fleetnet": "# one\rfleet x { default deny }\n# two\r\npolicy a for b/c { }\n" };
  const { page, close } = await open(browser, `${server.link}${link(files)}`);
  const places = (await listed(page)).map(({ place }) => place);
  assert.ok(places.includes("a.fleetnet:4:14"), places.join(", "));
  assert.equal(await page.locator(".cm-line").count(), 5);
  await close();
});

test("a fix of an older text is not applied to a newer one", async () => {
  const files = misspelt();
  const { page, problems, close } = await open(browser, `${server.link}${link(files)}`);
  await page.locator("#files [role=tab]").filter({ hasText: "shop.fleetnet" }).click();
  await page.locator(".cm-content").focus();
  // In one task: the text is another, and the fix of the one before is clicked.
  await page.evaluate(() => {
    const fix = /** @type {HTMLElement} */ (document.querySelector("#findings .fix"));
    const editor = document.querySelector("#editor")?.shadowRoot?.querySelector(".cm-content");
    const line = /** @type {Element} */ (editor?.querySelector(".cm-line"));
    line.textContent = "";
    return new Promise((done) => {
      const watch = new MutationObserver(() => {
        watch.disconnect();
        done(fix.click());
      });
      watch.observe(document.documentElement, { attributeFilter: ["data-settled"] });
    });
  });
  await settled(page);
  const text = (await shared(page))[SHOP] ?? "";
  assert.ok(text.startsWith("\n") && text.includes("policy web for shop/wep {"), text);
  assert.deepEqual(problems, []);
  await close();
});

test("a package that can't be read says so in a finding", async () => {
  const { page, problems, close } = await open(browser, `${server.link}${link({ "a.fleetnet": "fleet x { default deny }\n" })}`);
  await page.locator(".cm-content").focus();
  await page.evaluate(() => document.execCommand("insertText", false, "# \ud800"));
  await page.locator("#findings .finding.error").filter({ hasText: "the package can't be checked" }).waitFor();
  await settled(page);
  assert.equal(await page.locator("#status").getAttribute("data-tone"), "error");
  await page.keyboard.press("Control+z");
  await settled(page);
  assert.equal(await page.locator("#findings .finding.error").filter({ hasText: "can't be checked" }).count(), 0);
  assert.deepEqual(problems, []);
  await close();
});

test("a file is added, renamed and deleted, and can be had back", async () => {
  const { page, problems, close } = await open(browser, `${server.link}${link({ "a.fleetnet": "fleet x { default deny }\n" })}`);
  await page.getByRole("button", { name: "Add a file" }).click();
  await page.getByLabel("Name of the new file").fill("b.txt");
  await page.keyboard.press("Enter");
  await page.locator(".toast.shown").filter({ hasText: "ends with .fleetnet" }).waitFor();
  await page.getByLabel("Name of the new file").fill("teams/b.fleetnet");
  await page.keyboard.press("Enter");
  assert.deepEqual(await tabs(page), ["a.fleetnet", "teams/b.fleetnet"]);
  await append(page, "cluster one { id 1 }\n");
  await page.getByRole("button", { name: "Rename teams/b.fleetnet" }).click();
  await page.getByLabel("New name of teams/b.fleetnet").fill("a.fleetnet");
  await page.keyboard.press("Enter");
  await page.locator(".toast.shown").filter({ hasText: "there is a file of that name" }).waitFor();
  await page.getByLabel("New name of teams/b.fleetnet").fill("c.fleetnet");
  await page.keyboard.press("Enter");
  assert.deepEqual(await tabs(page), ["a.fleetnet", "c.fleetnet"]);
  await settled(page);
  const files = { "a.fleetnet": "fleet x { default deny }\n", "c.fleetnet": "cluster one { id 1 }\n" };
  assert.deepEqual(await listed(page), expected(check(files).diagnostics));
  assert.deepEqual(await shared(page), files);
  await page.getByRole("button", { name: "Delete c.fleetnet" }).click();
  assert.deepEqual(await tabs(page), ["a.fleetnet"]);
  await page.locator(".toast.done.shown").getByRole("button", { name: "Undo" }).click();
  assert.deepEqual(await tabs(page), ["a.fleetnet", "c.fleetnet"]);
  await settled(page);
  assert.deepEqual(await shared(page), files);
  assert.deepEqual(problems, []);
  await close();
});

test("another package leaves nothing of the one before, and what was written comes back", async () => {
  const files = { ...example("contoso"), "extra.fleetnet": "# mine\n" };
  const { page, problems, close } = await open(browser, `${server.link}${link(files)}`);
  await page.locator(".fleetnet-map .card").first().waitFor();
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.locator(".promise").first().waitFor();
  await append(page, "\nnonsense");
  await page.getByRole("button", { name: "Add a file" }).click();
  await page.getByLabel("Example").selectOption("blue-green");
  await settled(page);
  assert.deepEqual(await tabs(page), ["upgrade.fleetnet", "fleetnet.lock"]);
  assert.deepEqual(await listed(page), expected(check(example("blue-green")).diagnostics));
  await page.getByRole("tab", { name: "Map" }).click();
  await page.locator(".fleetnet-map .card").first().waitFor();
  assert.equal(await page.locator(".fleetnet-map .card").filter({ hasText: "checkout" }).count(), 0);
  assert.equal(await page.locator(".promise").filter({ hasText: "the ledger" }).count(), 0);

  await page.locator(".toast.shown").getByRole("button", { name: "Undo" }).click();
  await settled(page);
  const [first] = Object.keys(files).filter((path) => path.endsWith(".fleetnet")).sort();
  assert.deepEqual(await shared(page), { ...files, [first ?? ""]: `${files[/** @type {keyof typeof files} */ (first)]}\nnonsense` });
  assert.equal(await page.getByLabel("Example").inputValue(), "");

  // A pasted link as well.
  await append(page, "\n# more");
  await page.evaluate((hash) => void (location.hash = hash), link({ "z.fleetnet": "fleet z { default deny }\n" }));
  await page.locator("#files [data-tab='z.fleetnet']").waitFor();
  await page.locator(".toast.shown").getByRole("button", { name: "Undo" }).click();
  await page.locator("#files [data-tab='extra.fleetnet']").waitFor();
  await page.evaluate(() => void (location.hash = "#p1.?"));
  await page.locator(".toast.shown").filter({ hasText: "This link was not opened" }).waitFor();
  assert.equal(await page.locator("#files [data-tab='extra.fleetnet']").count(), 1);
  assert.deepEqual(problems, []);
  await close();
});

test("a reload keeps what was written; the same link opened anew shows what it holds", async () => {
  const url = `${server.link}${link({ "a.fleetnet": "fleet x { default deny }\n" })}`;
  const { page, close } = await open(browser, url);
  await append(page, "# mine");
  await page.reload();
  await settled(page);
  assert.equal((await page.locator(".cm-line").allTextContents()).join("\n"), "fleet x { default deny }\n# mine");
  await page.goto("about:blank");
  await page.goto(url);
  await settled(page);
  assert.equal((await page.locator(".cm-line").allTextContents()).join("\n"), "fleet x { default deny }\n");
  await close();
});

test("a link to what no link opens is refused with a word", async () => {
  const { page, problems, close } = await open(browser, `${server.link}${link({ "a.fleetnet": "fleet x { default deny }\n" })}`);
  const before = page.url();
  await page.locator(".cm-content").focus();
  // Letters that can't be packed: a linear congruence is random enough.
  await page.evaluate(() => {
    let state = 1;
    const letters = Array.from({ length: 1_500_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return String.fromCharCode(33 + (state >>> 24) % 94);
    });
    const lines = letters.join("").match(/.{1,1000}/g)?.map((line) => `# ${line}`) ?? [];
    const data = new DataTransfer();
    data.setData("text/plain", lines.join("\n"));
    const editor = document.querySelector("#editor")?.shadowRoot?.querySelector(".cm-content");
    editor?.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await settled(page);
  await page.getByRole("button", { name: "Share", exact: true }).click();
  await page.locator(".toast.refused.shown").filter({ hasText: "There can't be a link" }).waitFor();
  assert.equal(page.url(), before);
  assert.deepEqual(problems, []);
  await close();
});

test("what a package says is never markup, on any panel", async () => {
  const markup = "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>&lt;";
  const files = example("contoso");
  const fleet = `${files["fleet.fleetnet"]}
test "${markup}" { can corporate -> observability/grafana on web }
test "broken ${markup}" { can world -> observability/grafana on web }
invariant marked "${markup}" { require \`true\` }
`;
  const payments = "teams/payments/checkout.fleetnet";
  const said = (files[payments] ?? "").replace('"card payments"', `"${markup}"`);
  assert.notEqual(said, files[payments]);
  const held = { ...files, "fleet.fleetnet": fleet, [payments]: said };
  /** No element that only markup could have made. */
  const nothingMade = async (/** @type {Page} */ page) => {
    assert.equal(await page.locator("img, body script").count(), 0);
    assert.equal(await page.locator("b", { hasText: /^bold$/ }).count(), 0);
  };
  const { page, problems, close } = await open(browser, `${server.link}${link(held)}`);
  await page.locator(".fleetnet-map .card").first().waitFor();
  await nothingMade(page);
  await page.locator('.fleetnet-map .line[aria-label*="stripe"]').first().focus();
  await page.keyboard.press("Enter");
  await page.locator(".details .reason").first().waitFor();
  await nothingMade(page);
  await page.getByRole("tab", { name: "Tests" }).click();
  await page.locator(".promise.kept").filter({ hasText: markup }).first().waitFor();
  await page.locator(".promise.broken").filter({ hasText: `broken ${markup}` }).waitFor();
  await nothingMade(page);
  await page.getByRole("tab", { name: "Why" }).click();
  await page.getByLabel("From").fill("payments/checkout");
  await page.getByLabel("To", { exact: true }).fill("stripe");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".answer").filter({ hasText: markup }).first().waitFor();
  await nothingMade(page);
  await page.getByLabel("From").fill(markup);
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".why .finding").first().waitFor();
  assert.equal(await page.locator(".why .finding button.place").filter({ hasText: "question:" }).count(), 0);
  await nothingMade(page);
  assert.deepEqual(problems, []);
  await close();

  // Without the broken test there are artifacts.
  const good = { ...held, "fleet.fleetnet": fleet.replace(/test "broken.*\n/, "") };
  const second = await open(browser, `${server.link}${link(good)}`);
  await second.page.getByRole("tab", { name: "Artifacts" }).click();
  await second.page.getByRole("button", { name: "maps.fnimg" }).first().waitFor();
  for (const button of await second.page.locator(".artifacts .file").all()) {
    await button.click();
    await second.page.locator(".viewer header code").filter({ hasText: (await button.getAttribute("data-path")) ?? "" }).waitFor();
    await nothingMade(second.page);
  }
  assert.deepEqual(second.problems, []);
  await second.close();
});

test("keys move between tabs, and from a part of the map to what is said of it and back", async () => {
  const { page, close } = await open(browser, server.link, { width: 700, height: 900 });
  const selected = () => page.locator("#panel-tabs [aria-selected=true]").evaluate((tab) => [tab.getAttribute("data-tab"), tab === document.activeElement]);
  await page.getByRole("tab", { name: "Map" }).focus();
  for (const [key, tab] of [["ArrowRight", "tests"], ["End", "artifacts"], ["ArrowRight", "map"], ["ArrowLeft", "artifacts"], ["Home", "map"]]) {
    await page.keyboard.press(key ?? "");
    assert.deepEqual(await selected(), [tab, true]);
  }
  for (const panel of await page.locator("[role=tabpanel]").all()) {
    const label = await panel.getAttribute("aria-labelledby");
    const tab = page.locator(`[id="${label}"]`);
    assert.equal(await tab.getAttribute("role"), "tab");
    assert.equal(await tab.getAttribute("aria-controls"), await panel.getAttribute("id"));
  }
  assert.equal(await page.locator("#status").isVisible(), true);
  const line = page.locator('.fleetnet-map .line[aria-label^="shop/web to payments/checkout"]');
  await line.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Show everything" }).click();
  assert.equal(await line.evaluate((line) => line === document.activeElement), true);
  await screenshot(page, "narrow");
  await close();
});
