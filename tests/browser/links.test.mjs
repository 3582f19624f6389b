// Links from strangers: none does more than be refused with a word.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { PROGRAM, browser, fragmentOf, open, serve, server, share, unpack, within } from "./harness.mjs";

share();

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
  ["with half a letter", fragmentOf('{"files":{"a.fleetnet":"\\ud800"}}'), /should be text/],
  ["that is a bomb", fragmentOf(Buffer.alloc(200 << 20, " ")), /more than 4 MiB/],
  ["that is longer than any", `#p1.${"A".repeat((1 << 20) + 1)}`, /longer than/],
];

for (const [name, hash, why] of HOSTILE) {
  test(`a link ${name} is refused`, async () => {
    const { page, problems, requests, close } = await open(browser, `${server.link}${hash}`);
    const toast = await page.locator(".toast.shown").textContent();
    assert.match(toast ?? "", /^This link was not opened: /);
    assert.match(toast ?? "", why);
    assert.equal(await page.locator("#files [role=tab]").first().textContent(), "fleet.fleetnet 1");
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

test("values that a link sets stand beside the source that they change", async () => {
  const files = { "a.fleetnet": "param number = 1\nfleet x { default deny }\ncluster one { id $number }\n" };
  const { page, problems, close } = await open(browser, `${server.link}${holding({ files, params: { number: "999" } })}`);
  assert.equal(await page.locator("#params").innerText(), "The package is compiled with number=999");
  assert.match(await page.locator("#findings").innerText(), /999/);
  await page.locator("#example").selectOption("contoso");
  await page.locator("#params").waitFor({ state: "hidden" });
  assert.deepEqual(problems, []);
  await close();
});

test("the names that a link may hold are those that the program puts into one", async () => {
  /** @type {{ accepted: string[], refused: string[] }} */
  const { accepted, refused } = JSON.parse(readFileSync(new URL("names.json", import.meta.url), "utf8"));
  const { page, problems, close } = await open(browser, `${server.link}${holding({ files: { "a.fleetnet": text } })}`);
  /** Where the page is after it was given a link: what is open, and what it says. */
  const follow = async (/** @type {string} */ hash, /** @type {import("playwright-core").Locator} */ seen) => {
    await page.evaluate((hash) => void (location.hash = hash), hash);
    await seen.waitFor();
  };
  for (const [at, name] of accepted.entries()) {
    const own = `own${at}.fleetnet`;
    await follow(holding({ files: { [own]: text, [name]: "" } }), page.locator(`#files [data-tab="${own}"]`));
    assert.equal(await page.locator("#files [role=tab]").count(), 2, name);
  }
  for (const name of refused) {
    await page.evaluate(() => document.querySelector("#toast")?.replaceChildren());
    // Written out, because an object literal takes one of the names for its prototype.
    const files = `{"own.fleetnet":${JSON.stringify(text)},${JSON.stringify(name)}:""}`;
    await follow(fragmentOf(`{"files":${files}}`), page.locator(".toast.shown").filter({ hasText: "bad name" }));
  }
  assert.deepEqual(problems, []);
  await close();
});

test("the program refuses a package that the page would not open, and names the file", () => {
  /** @type {(files: Record<string, string | Buffer>) => string} */
  const said = (files) =>
    within(files, (folder) => {
      const { status, stderr, stdout } = spawnSync(PROGRAM, ["playground", "."], { cwd: folder, encoding: "utf8" });
      assert.equal(stdout.includes("#p1."), false, stdout);
      assert.notEqual(status, 0);
      return `${stdout}${stderr}`.replace(/\s*│?\s+/g, " ");
    });
  assert.match(said({ "a.fleetnet": text, "-b.fleetnet": "" }), /`-b\.fleetnet` has a name that no link holds/);
  assert.match(said(Object.fromEntries(Array.from({ length: 501 }, (_, at) => [`f${at}.fleetnet`, ""]))), /501 files/);
  assert.match(said({ "a.fleetnet": Buffer.from([0x66, 0xff]) }), /`a\.fleetnet` is not UTF-8/);
});

test("what comes in by a pipe is a file on the page", async () => {
  const own = await serve("-", text);
  try {
    assert.deepEqual(unpack(new URL(own.link).hash).files, { "stdin.fleetnet": text });
    const { page, close } = await open(browser, own.link);
    assert.equal(await page.locator("#files [aria-selected=true]").getAttribute("data-tab"), "stdin.fleetnet");
    await close();
  } finally {
    own.stop();
  }
});
