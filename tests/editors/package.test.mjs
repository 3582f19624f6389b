// The built extension: what is in the file that VS Code installs, and what it says about the language.

import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { check, copied, from, read, unzipped } from "./harness.mjs";

const MANIFEST = JSON.parse(read("lang/editors/vscode/package.json"));
const LANGUAGE = JSON.parse(read("lang/editors/vscode/language-configuration.json"));

test("the package holds what its manifest names, and nothing of how it was made", async () => {
  /** @type {Map<string, string>} */
  const files = await unzipped(from("FLEETNET_EXTENSION"));
  const { main, icon, contributes } = MANIFEST;
  const [language] = contributes.languages;
  const named = [main, icon, language.configuration, language.icon.light, contributes.snippets[0].path];
  for (const path of [...named, ...contributes.grammars.map((/** @type {any} */ grammar) => grammar.path)]) {
    assert.ok((files.get(`extension/${path}`) ?? "") !== "", `${path} in ${[...files.keys()].join(", ")}`);
  }
  assert.ok(![...files.keys()].some((name) => /node_modules|\.ts$|\.mjs$|tsconfig/.test(name)), [...files.keys()].join(", "));
});

test("every word of the language is one word for the editor", () => {
  const { pattern, flags } = LANGUAGE.wordPattern;
  const words = (/** @type {string} */ text) => [...text.matchAll(new RegExp(pattern, `${flags}g`))].map(([word]) => word);
  assert.deepEqual(words("allow shop/web->payments/checkout on $http, 8080/tcp"), [
    "allow", "shop/web", "payments/checkout", "on", "$http", "8080/tcp",
  ]);
  assert.deepEqual(words("pods fd00:10::/56 ; labels { app.kubernetes.io/name = x }"), [
    "pods", "fd00:10::/56", "labels", "app.kubernetes.io/name", "x",
  ]);
});

test("a line that opens a block indents the next one, and only such a line", () => {
  const increase = new RegExp(LANGUAGE.indentationRules.increaseIndentPattern);
  const decrease = new RegExp(LANGUAGE.indentationRules.decreaseIndentPattern);
  for (const line of ["cluster east {", "  at eastus-1 { # why", "  allow (", 'test "a { b" {', "  step one { a = 1 } hold {"]) {
    assert.ok(increase.test(line), line);
  }
  for (const line of ["mesh prod { members all }", "# cluster {", 'owner "a {"', "require `{`", "", "}"]) {
    assert.ok(!increase.test(line), line);
  }
  assert.ok(decrease.test("  }") && decrease.test(")") && !decrease.test("a }"));
});

test("a doc comment goes on, and ends with an empty line of it", () => {
  const [next, last] = LANGUAGE.onEnterRules.map((/** @type {any} */ rule) => new RegExp(rule.beforeText.pattern));
  assert.ok(next.test("  ## The shop.") && !next.test("## ") && !next.test("# x") && !next.test("### x"));
  assert.ok(last.test("## ") && !last.test("## x"));
});

test("the problem matcher reads every finding that `fleetnet check --format plain` prints", async () => {
  const [{ pattern }] = MANIFEST.contributes.problemMatchers;
  const matcher = new RegExp(pattern.regexp);
  await copied("contoso", async (folder) => {
    const file = "teams/shop/shop.fleetnet";
    appendFileSync(join(folder, file), "policy more { allow shop/web -> shop/crat on 9090/tcp }\nbalance shop/web on eastus-1\nclusters spare = pci-1\n");
    const found = check(folder).map((line) => matcher.exec(line) ?? assert.fail(line));
    const crat = found.find((match) => match[pattern.message]?.includes("shop/crat"));
    assert.deepEqual([crat?.[pattern.file], crat?.[pattern.severity], crat?.[pattern.code]], [file, "error", "FN0203"]);
    assert.equal(read(`examples/contoso/${file}`).split("\n").length, Number(crat?.[pattern.line]));
  });
});
