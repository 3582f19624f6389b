// The TextMate grammar says of every character what the compiler's parser says of it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { grammar as source } from "../../lang/editors/vscode/grammar/grammar.mjs";
import { EXTENSION, blocks, files, load, read, resolve, session } from "./harness.mjs";

/** What each scope of ours means in the words of the language server. The first that fits counts. */
const MEANINGS = /** @type {const} */ ([
  ["meta.embedded.inline.cel", "macro"],
  ["comment.line.documentation", "comment.documentation"],
  ["comment", "comment"],
  ["string", "string"],
  ["keyword.control", "keyword"],
  ["keyword.operator", "operator"],
  ["entity.name.type", "class"],
  ["variable.parameter", "parameter"],
  ["constant.numeric", "number"],
  ["support.constant", "enumMember"],
]);

/** @type {Awaited<ReturnType<typeof session>>} */
let server;
/** @type {any} */
let grammar;

before(async () => {
  const oniguruma = load("vscode-oniguruma");
  const { Registry, parseRawGrammar } = load("vscode-textmate");
  await oniguruma.loadWASM(readFileSync(resolve("vscode-oniguruma/release/onig.wasm")).buffer);
  const registry = new Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (/** @type {string[]} */ patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (/** @type {string} */ text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => parseRawGrammar(JSON.stringify(source), "fleetnet.json"),
  });
  [grammar, server] = await Promise.all([registry.loadGrammar("source.fleetnet"), session()]);
});
after(() => server?.end());

/** What the grammar makes of each character. */
function coloured(/** @type {string} */ text) {
  /** @type {any} */
  let stack = null;
  const lines = text.split("\n").map((line) => {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, stack);
    stack = ruleStack;
    const meanings = Array.from(line, () => "");
    for (const { startIndex, endIndex, scopes } of tokens) {
      const meaning = MEANINGS.find(([prefix]) => scopes.some((/** @type {string} */ scope) => scope.startsWith(prefix)))?.[1];
      meanings.fill(meaning ?? "", startIndex, endIndex);
    }
    return meanings;
  });
  return lines;
}

/** What the parser makes of each character. */
async function meant(/** @type {string} */ text) {
  const uri = await server.open(text);
  const { data } = await server.ask("textDocument/semanticTokens/full", { textDocument: { uri } });
  const { tokenTypes } = server.capabilities.semanticTokensProvider.legend;
  const lines = text.split("\n").map((line) => Array.from({ length: line.length }, () => ""));
  let [line, start] = [0, 0];
  for (let at = 0; at < data.length; at += 5) {
    const [lineDelta, startDelta, length, type, modifiers] = data.slice(at, at + 5);
    start = lineDelta === 0 ? start + startDelta : startDelta;
    line += lineDelta;
    lines[line]?.fill(tokenTypes[type] + (modifiers === 2 ? ".documentation" : ""), start, start + length);
  }
  return lines;
}

/** The pieces of a line with the same meaning. */
function pieces(/** @type {string} */ line, /** @type {string[]} */ meanings) {
  const found = [];
  for (let start = 0, end = 0; start < line.length; start = end) {
    for (end = start; end < line.length && meanings[end] === meanings[start]; end++);
    if (meanings[start] !== "") {
      found.push(`${line.slice(start, end).trim()}: ${meanings[start]}`);
    }
  }
  return found;
}

async function agrees(/** @type {string} */ text, /** @type {string} */ name) {
  const [ours, theirs] = [coloured(text), await meant(text)];
  const lines = text.split("\n");
  const told = (/** @type {string[][]} */ meanings) => lines.map((line, at) => ({ at: `${name}:${at + 1}: ${line}`, pieces: pieces(line, meanings[at] ?? []) }));
  const differ = (/** @type {any} */ _, /** @type {number} */ at) => JSON.stringify(told(ours)[at]) !== JSON.stringify(told(theirs)[at]);
  assert.deepEqual(told(ours).filter(differ), told(theirs).filter(differ));
  return theirs.flat().filter((meaning) => meaning !== "").length;
}

test("every construct of the language", async () => {
  const name = "lang/tests/data/everything.fleetnet";
  assert.ok((await agrees(read(name), name)) > 2000);
});

test("the examples", async () => {
  const names = files("examples", ".fleetnet");
  assert.ok(names.length >= 4);
  for (const name of names) {
    await agrees(read(name), name);
  }
});

test("every program of the documentation that has the form of one", async (t) => {
  let [programs, characters] = [0, 0];
  // The pages of FN00.. show what hasn't.
  for (const name of files("docs", ".md").filter((name) => !/FN00\d\d/.test(name))) {
    for (const text of blocks(read(name), "fleetnet")) {
      programs += 1;
      // A block that stands there several times stands there once, as its first.
      characters += await agrees(text.replaceAll("{n}", "1"), name);
    }
  }
  t.diagnostic(`${programs} programs, ${characters} characters with a colour`);
  assert.ok(programs > 100);
});

test("what is built is what is tested", () => {
  const built = JSON.parse(readFileSync(join(EXTENSION, "dist/fleetnet.tmLanguage.json"), "utf8"));
  assert.deepEqual(built, JSON.parse(JSON.stringify(source)));
});
