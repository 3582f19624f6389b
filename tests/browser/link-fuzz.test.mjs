// What takes a link apart, without the page around it, and links that were changed anywhere: in their letters, in what these unpack to, and in
// the JSON in that. FLEETNET_FUZZ_SECONDS makes it go on for longer.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";

import { ROOT, example } from "./harness.mjs";

const web = join(ROOT, "playground/web");
/** @type {typeof import("esbuild")} */
const esbuild = createRequire(join(web, "package.json"))("esbuild");

const SECONDS = Number(process.env["FLEETNET_FUZZ_SECONDS"] ?? 5);
const ENOUGH = 2_000;

/** The page's own code, and nothing else of the page. */
async function link() {
  const folder = mkdtempSync(join(tmpdir(), "fleetnet-link-"));
  const outfile = join(folder, "link.mjs");
  await esbuild.build({ entryPoints: [join(web, "src/link.ts")], bundle: true, format: "esm", outfile });
  /** @type {typeof import("../../playground/web/src/link")} */
  const module = await import(pathToFileURL(outfile).href);
  rmSync(folder, { recursive: true });
  return module;
}

/** Numbers below a bound, the same on every run: Marsaglia's xorshift. */
function random(/** @type {number} */ seed) {
  let state = seed;
  return (/** @type {number} */ bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

/** @typedef {(bound: number) => number} Random */

/** A few bytes changed, left out, repeated or put elsewhere. */
function mutated(/** @type {Buffer} */ bytes, /** @type {Random} */ next) {
  let out = Buffer.from(bytes);
  for (let left = 1 + next(4); left > 0; left -= 1) {
    const [at, length] = [next(out.length + 1), 1 + next(8)];
    const piece = out.subarray(next(out.length + 1)).subarray(0, length);
    const [before, after] = [out.subarray(0, at), out.subarray(at)];
    switch (next(4)) {
      case 0:
        out = Buffer.concat([before, Buffer.from([next(256)]), after.subarray(1)]);
        break;
      case 1:
        out = Buffer.concat([before, after.subarray(length)]);
        break;
      case 2:
        out = Buffer.concat([before, piece, after]);
        break;
      default:
        out = Buffer.concat([before, piece, after.subarray(piece.length)]);
    }
  }
  return out;
}

const ODD = [null, true, -1, 1e308, "", "__proto__", "../x.fleetnet", "\ud800", [], {}, [[]], { files: {} }, "a".repeat(2_000)];

/** Another value somewhere in a value. */
function bent(/** @type {unknown} */ value, /** @type {Random} */ next) {
  if (typeof value !== "object" || value === null || next(4) === 0) {
    return ODD[next(ODD.length)];
  }
  /** @type {[string, unknown][]} */
  const entries = Object.entries(value);
  const at = next(entries.length + 1);
  const [key, inner] = entries[at] ?? [String(ODD[next(ODD.length)]), "x"];
  entries[at] = next(3) === 0 ? [`${key}${String(ODD[next(ODD.length)])}`, inner] : [key, bent(inner, next)];
  return Object.fromEntries(entries);
}

test("whatever a link holds, it is refused with a word or is a package", async () => {
  const { BadLink, PREFIX, fragment, opened } = await link();
  const { "fleetnet.lock": lock = "", ...files } = example("contoso");
  const packages = [
    { files: { "a.fleetnet": "fleet x { default deny }\n" }, params: {} },
    { files: { ...files, "fleetnet.lock": lock }, params: { version: '"1.18.0"' } },
  ];
  for (const source of packages) {
    assert.deepEqual(await opened(await fragment(source)), source);
  }
  const next = random(20_260_101);
  /** @type {(bytes: Buffer) => string} */
  const hash = (bytes) => PREFIX + bytes.toString("base64url");
  const counts = { opened: 0, refused: 0 };
  const end = Date.now() + SECONDS * 1_000;
  for (let tried = 0; tried < ENOUGH || Date.now() < end; tried += 1) {
    const source = packages[next(packages.length)];
    const json = Buffer.from(JSON.stringify(source));
    const changed = [
      () => mutated(Buffer.from(hash(deflateRawSync(json))), next).toString("latin1"),
      () => hash(mutated(deflateRawSync(json), next)),
      () => hash(deflateRawSync(mutated(json, next))),
      () => hash(deflateRawSync(Buffer.from(JSON.stringify(bent(source, next)) ?? ""))),
    ][next(4)]?.();
    try {
      const found = await opened(changed ?? "");
      counts.opened += 1;
      const texts = Object.entries(found.files);
      assert.ok(texts.length > 0 && texts.length <= 500);
      assert.ok(texts.every(([path]) => /^[^<>"&\\]+$/.test(path) && !path.split("/").includes("..")), changed);
      assert.ok(texts.every(([, text]) => typeof text === "string"), changed);
      assert.ok(Object.values(found.params).every((value) => typeof value === "string"), changed);
      assert.deepEqual(Object.keys(found), ["files", "params"]);
      assert.equal(Object.getPrototypeOf(found.files), Object.prototype, changed);
      assert.deepEqual(await opened(await fragment(found)), found, changed);
    } catch (problem) {
      assert.ok(problem instanceof BadLink, `${changed}: ${problem}`);
      assert.match(problem.message, /^[a-z`]/, changed);
      counts.refused += 1;
    }
  }
  assert.ok(counts.opened > 50 && counts.refused > 500, JSON.stringify(counts));
});
