// Neovim, set up as the documentation says, with its own client of the language server.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { PROGRAM, ROOT, blocks, check, copied, from, read } from "./harness.mjs";

/** The lines of Lua that the documentation gives for a version. */
function setup(/** @type {string} */ heading) {
  const section = read("docs/editors.md").split(/^#+ /m).find((section) => section.startsWith(heading));
  const [lua] = blocks(section ?? "", "lua");
  return lua ?? assert.fail(`no Lua below ${heading}`);
}

/** Whether this Neovim is the documentation's newer or older one. */
function heading() {
  const { stdout } = spawnSync(from("FLEETNET_NEOVIM"), ["--version"], { encoding: "utf8" });
  const [, major = "0", minor = "0"] = /^NVIM v(\d+)\.(\d+)/.exec(stdout) ?? assert.fail(stdout);
  return Number(major) > 0 || Number(minor) >= 11 ? "Neovim (0.11" : "Neovim (0.7";
}

test("a session", async (t) => {
  await copied("contoso", async (folder) => {
    // Nothing of whoever runs this is read or written.
    const home = join(folder, ".home");
    mkdirSync(home);
    const configuration = join(home, "init.lua");
    writeFileSync(configuration, setup(heading()));
    const said = join(home, "said.json");
    const env = {
      ...process.env,
      HOME: home,
      PATH: `${dirname(PROGRAM)}:${process.env["PATH"]}`,
      XDG_CACHE_HOME: home,
      XDG_CONFIG_HOME: home,
      XDG_DATA_HOME: home,
      XDG_STATE_HOME: home,
      FLEETNET_SAID: said,
    };
    const script = join(ROOT, "tests/editors/neovim.lua");
    const neovim = ["--headless", "-n", "-i", "NONE", "-u", configuration, "-c", `luafile ${script}`];
    const { status, stderr } = spawnSync(from("FLEETNET_NEOVIM"), neovim, { cwd: folder, env, encoding: "utf8", timeout: 120_000 });
    assert.equal(status, 0, stderr);
    const { problem, log, ...session } = JSON.parse(readFileSync(said, "utf8"));
    assert.equal(problem, undefined, `${problem}\n${log}\n${stderr}`);
    t.diagnostic(heading());

    assert.equal(session.filetype, "fleetnet");
    assert.equal(session.commentstring, "# %s");
    const { line, found } = session.mistake;
    assert.equal(line, "  allow shop/web -> shop/crat in local on grpc");
    assert.deepEqual([found[0].code, found[0].severity], ["FN0203", 1]);
    assert.match(found[0].text, /shop\/crat/);
    assert.ok(session.actions.length >= 1);
    assert.equal(session.mended, "  allow shop/web -> shop/cart in local on grpc");
    // Newer ones keep the fence and conceal it.
    assert.match(session.hover, /^(```fleetnet\n)?identity payments\/checkout/);
    assert.match(session.definition.file, /payments/);
    assert.match(session.definition.line, /^identity payments\/checkout/);
    assert.equal(session.laid_out, "  allow from world on https");
    assert.ok(session.references >= 4, `${session.references} references`);
    assert.ok(["shop/basket", "shop/web"].every((name) => session.completion.includes(name)), session.completion.join(", "));
    assert.ok(session.outline >= 9, `${session.outline} symbols`);

    // The identity has another name wherever it is meant, on disk too, and the service of its old name keeps it.
    const renamed = readFileSync(join(folder, "teams/shop/shop.fleetnet"), "utf8");
    assert.match(renamed, /^identity shop\/basket /m);
    assert.deepEqual([...renamed.matchAll(/^.*shop\/cart.*$/gm)].map(([line]) => line), ["service shop/cart {"]);
    assert.deepEqual(check(folder).filter((line) => line.includes("error[")), []);
  });
});
