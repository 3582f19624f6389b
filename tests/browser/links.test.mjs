// Links from strangers: none does more than be refused with a word.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { fragmentOf, launch, open, serve } from "./harness.mjs";

/** @type {import("playwright-core").Browser} */
let browser;
/** @type {{ link: string, stop: () => void }} */
let server;

before(async () => {
  [browser, server] = await Promise.all([launch(), serve()]);
});

after(async () => {
  await browser?.close();
  server?.stop();
});

const text = "fleet x { default deny }";
/** @type {(value: unknown) => string} */
const holding = (value) => fragmentOf(JSON.stringify(value));

/** @type {[string, string, RegExp][]} */
const HOSTILE = [
  ["of another version", "#p9.AAAA", /not of this version/],
  ["with strange letters", "#p1.<svg onload=alert(1)>", /letters that no link has/],
  ["cut off", holding({ files: { "a.fleetnet": text }, params: {} }).slice(0, -6), /damaged/],
  ["that is not compressed", `#p1.${Buffer.from("{}").toString("base64url")}`, /damaged/],
  ["that is no JSON", fragmentOf("{files"), /not JSON/],
  ["that is another JSON", fragmentOf("[1]"), /not an object/],
  ["without files", holding({ files: {} }), /1 to 500 files/],
  ["with more than files", holding({ files: { "a.fleetnet": text }, run: "x" }), /more than files and params/],
  ["with a file that is no text", holding({ files: { "a.fleetnet": { toString: 1 } } }), /not/],
  ["with markup in a name", holding({ files: { "<img src=x onerror=alert(1)>.fleetnet": text } }), /bad name/],
  ["with a way out in a name", holding({ files: { "../a.fleetnet": text } }), /bad name/],
  ["with a prototype in a name", fragmentOf('{"files":{"__proto__":{"a.fleetnet":"x"}}}'), /bad name|not text/],
  ["with thousands of files", holding({ files: Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`f${at}.fleetnet`, ""])) }), /1 to 500 files/],
  ["that is a bomb", fragmentOf(Buffer.alloc(200 << 20, " ")), /more than 4 MiB/],
  ["that is longer than any", `#p1.${"A".repeat((1 << 20) + 1)}`, /longer than/],
];

for (const [name, hash, why] of HOSTILE) {
  test(`a link ${name} is refused`, async () => {
    const { page, problems, requests, close } = await open(browser, `${server.link}${hash}`);
    const toast = await page.locator(".toast.shown").textContent();
    assert.match(toast ?? "", /^This link was not opened: /);
    assert.match(toast ?? "", why);
    assert.equal(await page.locator("#files [role=tab]").first().textContent(), "fleet.fleetnet1");
    assert.deepEqual(problems, []);
    assert.ok(requests.every((url) => url.startsWith(new URL(server.link).origin)));
    await close();
  });
}

test("what a link's text says is never markup", async () => {
  const files = { "a.fleetnet": 'fleet x { default deny }\nnamespace <img src=x onerror=alert(1)> { }\ntest "<script>alert(1)</script>" { }\n' };
  const { page, problems, close } = await open(browser, `${server.link}${holding({ files })}`);
  assert.equal(await page.locator("img, #findings script, .panel script").count(), 0);
  assert.deepEqual(problems, []);
  await close();
});
