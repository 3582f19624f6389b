// The page in a real browser, against what the program says of the same files.

import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { ROOT, browser, check, example, expected, link, listed, open, screenshot, serve, server, settled, share, unpack } from "./harness.mjs";

/** Gzipped, the compiler has at most so many: a second of a slow line. Where the standard library is not built along, it needs the last of them. */
const MOST_BYTES = 1024 * 1024;

share();

test("contoso opens with its findings, its map and its artifacts", async (t) => {
  const { page, requests, problems, close } = await open(browser, server.link);
  assert.deepEqual(await listed(page), expected(check(example("contoso")).diagnostics));
  const first = await page.evaluate(() => performance.getEntriesByName("fleetnet:first")[0]?.duration ?? 0);
  t.diagnostic(`first findings ${Math.round(first)} ms after the page began to load`);

  const wasm = requests.find((url) => url.endsWith(".wasm")) ?? "";
  const bytes = Buffer.from(await (await fetch(wasm)).arrayBuffer());
  const packed = gzipSync(bytes, { level: 9 }).length;
  t.diagnostic(`the compiler is ${packed} bytes gzipped, ${bytes.length} unpacked`);
  assert.ok(packed <= MOST_BYTES, `${packed} bytes gzipped`);

  await page.locator(".fleetnet-map [data-id]").first().waitFor();
  const cards = await page.locator(".fleetnet-map .card").evaluateAll((cards) => cards.map((card) => card.getAttribute("aria-label")));
  for (const name of ["shop/web", "payments/checkout", "observability/logs", "world", "stripe", "corporate"]) {
    assert.ok(cards.includes(name), `${name} is on the map: ${cards.join(", ")}`);
  }
  assert.deepEqual(await page.locator(".fleetnet-map .cluster .name").allTextContents(), ["eastus-1", "pci-1", "shared-1", "westeu-1"]);

  await page.getByRole("tab", { name: "Artifacts" }).click();
  await page.getByRole("button", { name: "50-policies.yaml" }).first().click();
  await page.locator(".manifest").filter({ hasText: "kind: CiliumNetworkPolicy" }).waitFor();
  await page.getByRole("button", { name: "maps.fnimg" }).first().click();
  const row = page.locator("tr").filter({ hasText: "ingress from" }).filter({ hasText: "teams/shop/shop.fleetnet:" }).first();
  await row.waitFor();
  await row.locator(".place").click();
  await page.locator("#files [aria-selected=true]").filter({ hasText: "shop.fleetnet" }).waitFor();

  assert.deepEqual(problems, []);
  const origin = new URL(server.link).origin;
  assert.deepEqual(requests.filter((url) => !url.startsWith(`${origin}/`)), []);
  await close();
});

test("a mistake is underlined where it is, in the program's words", async (t) => {
  const { page, problems, close } = await open(browser, server.link);
  const files = example("contoso");
  const mistake = "\npolicy oops for shop/wep { allow from world on https }";
  await page.locator(".cm-content").focus();
  await page.keyboard.press("Control+End");
  await page.evaluate(() => {
    const tasks = /** @type {number[]} */ ([]);
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map((entry) => entry.duration))).observe({ type: "longtask" });
  });
  await page.keyboard.type(mistake);
  // On the way there are other mistakes, such as half a rule.
  await settled(page);
  await page.locator("#findings .error").filter({ hasText: "`shop/wep`" }).waitFor();
  await page.locator(".cm-lintRange-error").waitFor();

  const { diagnostics } = check({ ...files, "fleet.fleetnet": `${files["fleet.fleetnet"]}${mistake}` });
  assert.deepEqual(await listed(page), expected(diagnostics));
  const error = diagnostics.find((/** @type {any} */ found) => found.severity === "error");
  const squiggle = await page.locator(".cm-lintRange-error").evaluate((mark) => {
    const line = mark.closest(".cm-line");
    const range = document.createRange();
    range.setStart(/** @type {Node} */ (line), 0);
    range.setEndBefore(mark);
    return { text: mark.textContent, line: line?.textContent, column: range.toString().length + 1 };
  });
  const { start, end } = error;
  const lines = `${files["fleet.fleetnet"]}${mistake}`.split("\n");
  assert.equal(squiggle.line, lines[start.line - 1]);
  assert.equal(squiggle.column, start.column);
  assert.equal(squiggle.text?.length, end.offset - start.offset);
  assert.equal(squiggle.text, "shop/wep");

  const edits = await page.evaluate(() => performance.getEntriesByName("fleetnet:edit").map((entry) => entry.duration));
  const sorted = edits.toSorted((a, b) => a - b);
  const tasks = await page.evaluate(() => /** @type {{ tasks: number[] }} */ (/** @type {unknown} */ (globalThis)).tasks);
  t.diagnostic(`edit to findings: median ${sorted[sorted.length >> 1]?.toFixed(1)} ms of ${edits.length}`);
  t.diagnostic(`tasks of the page's own thread over 50 ms while typing: ${tasks.map(Math.round).join(", ") || "none"}`);
  assert.deepEqual(problems, []);
  // Taking one sets styles that the page's policy refuses and reports.
  await screenshot(page, "mistake");
  await close();
});

test("a broken test shows its counterexample, and a fix mends its finding", async () => {
  const files = example("contoso");
  const shop = files["teams/shop/shop.fleetnet"]?.replace("allow from world on https", "allow from world");
  const { page, close } = await open(browser, `${server.link}${link({ ...files, "teams/shop/shop.fleetnet": shop ?? "" })}`);
  await page.getByRole("tab", { name: "Tests" }).click();
  const broken = page.locator(".promise.broken").filter({ hasText: "a customer gets in, and no further" });
  await broken.locator(".part.broken code").first().waitFor();
  const [found] = check({ ...files, "teams/shop/shop.fleetnet": shop ?? "" }).diagnostics.filter((/** @type {any} */ each) => each.severity === "error");
  assert.equal(await broken.locator(".message").first().textContent(), found.message);
  await page.getByRole("tab", { name: "Artifacts" }).click();
  await page.getByText("Nothing is built while there is something wrong").waitFor();
  await close();
});

test("the map tells the rule behind a line, and why answers for two ends", async () => {
  const { page, close } = await open(browser, server.link);
  const line = page.locator('.fleetnet-map .line[aria-label^="shop/web to payments/checkout"]');
  await line.focus();
  await page.keyboard.press("Enter");
  const details = page.locator(".details");
  await details.getByText("allow to payments/checkout on http").waitFor();
  await details.getByText("allow from shop/web on http").waitFor();
  await details.getByRole("button", { name: "teams/payments/checkout.fleetnet" }).first().click();
  await page.locator("#files [aria-selected=true]").filter({ hasText: "checkout.fleetnet" }).waitFor();
  await screenshot(page, "map");

  await details.getByRole("button", { name: "why?" }).first().click();
  await page.locator(".answer.passes").filter({ hasText: "8080/tcp" }).waitFor();
  await page.getByLabel("From").fill("world");
  await page.getByLabel("To", { exact: true }).fill("payments/ledger");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".answer.fails").filter({ hasText: "deny from world" }).first().waitFor();
  await page.getByLabel("From").fill("shop/wep");
  await page.getByRole("button", { name: "Ask" }).click();
  await page.locator(".why .finding").filter({ hasText: "shop/wep" }).waitFor();
  await close();
});

test("a shared link opens as it was", async () => {
  const files = { "a.fleetnet": "fleet x { default deny }\n# é 🕸 <b>&amp;</b>\n", "teams/b.fleetnet": "cluster one { id 1 }\n" };
  const first = await open(browser, `${server.link}${link(files)}`);
  await first.page.locator(".cm-content").focus();
  await first.page.keyboard.press("Control+End");
  await first.page.keyboard.type("# more");
  await settled(first.page);
  await first.page.getByRole("button", { name: "Share", exact: true }).click();
  await first.page.locator(".toast.shown").waitFor();
  const shared = first.page.url();
  const held = { ...files, "a.fleetnet": `${files["a.fleetnet"]}# more` };
  assert.deepEqual(unpack(new URL(shared).hash), { files: held, params: {} });
  const second = await open(browser, shared);
  assert.deepEqual(await listed(second.page), await listed(first.page));
  assert.deepEqual(await second.page.locator("#files [role=tab]").evaluateAll((tabs) => tabs.map((tab) => tab.getAttribute("data-tab"))), Object.keys(held));
  const text = await second.page.locator(".cm-line").allTextContents();
  assert.equal(text.join("\n"), held["a.fleetnet"]);
  await first.close();
  await second.close();
});

test("the program prints a link to a package, and serves nobody else", async () => {
  const own = await serve(join(ROOT, "examples/blue-green"));
  try {
    const { page, close } = await open(browser, own.link);
    assert.deepEqual(unpack(new URL(own.link).hash).files, example("blue-green"));
    assert.deepEqual(await listed(page), expected(check(example("blue-green")).diagnostics));
    await close();
    const { port } = new URL(own.link);
    const status = (/** @type {string} */ host) =>
      new Promise((done, failed) => {
        const asked = request({ host: "127.0.0.1", port, path: "/", headers: { host } }, (answer) => done(answer.statusCode));
        asked.once("error", failed).end();
      });
    assert.equal(await status(`127.0.0.1:${port}`), 200);
    assert.equal(await status(`evil.example:${port}`), 421);
  } finally {
    own.stop();
  }
});
