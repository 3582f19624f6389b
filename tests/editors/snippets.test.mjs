// Every snippet, filled with its defaults, is a declaration that checks clean.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { BLOCKS } from "../../lang/editors/vscode/grammar/grammar.mjs";
import { check, read } from "./harness.mjs";

/** @type {Record<string, { prefix: string | string[], description: string, body: string[] }>} */
const SNIPPETS = JSON.parse(read("lang/editors/vscode/snippets/fleetnet.json"));
const BASE = read("tests/editors/base.fleetnet");

/** What leads from a gateway to a service. */
const ROUTED = "export shop/cart to prod\npolicy edge for shop/cart { allow from gateways on grpc ; waive FN0738 \"the way in\" }\n";

/** What a snippet speaks of beside what the base has. */
/** @type {Record<string, string>} */
const BESIDE = {
  fleet: "",
  mesh: `
    cluster stage-1 { id 8 ; cilium-name "stage-8" ; region eastus2 ; labels { env = stage } ; pods 10.80.0.0/16 ; nodes 10.8.0.0/20 ; cilium "1.19.4" }
    cluster stage-2 { id 9 ; cilium-name "stage-9" ; region eastus2 ; labels { env = stage } ; pods 10.90.0.0/16 ; nodes 10.9.0.0/20 ; cilium "1.19.4" }`,
  entry: `service shop/public { pods shop/web ; type load-balancer ; port https 443 -> 8443/tcp }`,
  balance: "export shop/cart to prod",
  gateway: ROUTED,
  rollout: `${ROUTED}
    gateway shop/front { class cilium ; listener web http 80 ; route -> shop/cart { weight east = 0, west = 100 } }`,
};

/** A snippet's text as its defaults fill it; of a choice, what is first. */
function filled(/** @type {string[]} */ body) {
  /** @type {Map<string, string>} */
  const chosen = new Map();
  const text = body.join("\n").replace(/\$\{(\d+):([^}]*)\}|\$\{(\d+)\|([^|]*)\|\}|\$(\d+)/g, (_, place, fallback, choice, choices, end) => {
    const value = fallback ?? choices?.split(",")[0] ?? "";
    const at = place ?? choice ?? end;
    assert.equal(chosen.get(at) ?? value, value, `place ${at} has two defaults`);
    chosen.set(at, value);
    return value;
  });
  assert.ok(!text.includes("$"), text);
  return text;
}

/** What is found in a package of these files, notes aside. */
function findings(/** @type {Record<string, string>} */ files) {
  const folder = mkdtempSync(join(tmpdir(), "fleetnet-snippet-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text);
    }
    return check(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Errors and warnings, less that nothing uses what was just declared. */
const serious = (/** @type {string[]} */ found) =>
  found.filter((line) => /: (error|warning)\[/.test(line) && !line.includes("[FN0250]"));

test("the base of the tests has nothing to find", () => {
  assert.deepEqual(serious(findings({ "base.fleetnet": BASE })), []);
});

for (const [name, { body }] of Object.entries(SNIPPETS)) {
  test(`snippet: ${name}`, () => {
    const beside = BESIDE[name];
    const base = name === "fleet" ? "" : BASE;
    const found = findings({ "base.fleetnet": base, "beside.fleetnet": beside ?? "", "snippet.fleetnet": filled(body) });
    assert.deepEqual(serious(found), []);
  });
}

test("there is a snippet for every declaration, and none for anything else", () => {
  const words = Object.values(SNIPPETS).map(({ body }) => body[0]?.split(" ")[0]);
  assert.deepEqual([...new Set(words)].toSorted(), Object.keys(BLOCKS["declarations"] ?? {}).toSorted());
});
