// The extension in a real VS Code, in a browser.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { copied } from "./harness.mjs";
import { openFile, run, window } from "./vscode.mjs";

const SCREENSHOTS = process.env["FLEETNET_SCREENSHOTS"];

async function screenshot(/** @type {import("./vscode.mjs").Page} */ page, /** @type {string} */ name) {
  if (SCREENSHOTS !== undefined) {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  }
}

/** The problems with a text that the window lists. */
function problems(/** @type {import("./vscode.mjs").Page} */ page, /** @type {string} */ text) {
  return page.locator(".markers-panel .monaco-list-row").filter({ hasText: text });
}

test("findings, a fix, a hover, completion and colours", async () => {
  await copied("contoso", async (folder) => {
    const { page, close } = await window(folder);
    try {
      await openFile(page, "teams", "shop", "shop.fleetnet");

      // Who reaches an identity, by the lens above it, and the way there.
      await page.locator(".codelens-decoration a").filter({ hasText: "reaches" }).first().click();
      await screenshot(page, "vscode-lens");
      await page.locator(".quick-input-list .monaco-list-row").filter({ hasText: "payments/checkout" }).first().click();
      await page.locator(".tab.active").filter({ hasText: "checkout.fleetnet" }).waitFor();
      await openFile(page, "shop.fleetnet");

      const editor = page.locator(".editor-instance .view-lines");
      await page.locator(".breadcrumb-item, .monaco-breadcrumb-item").filter({ hasText: "shop.fleetnet" }).first().waitFor();

      // What is typed is checked with the rest of the package.
      await editor.click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type("policy more { allow shop/web -> shop/crat on 9090/tcp ");
      await page.keyboard.press("Control+Shift+m");
      const finding = problems(page, "`shop/crat` is not");
      await finding.first().waitFor();
      assert.match((await finding.first().textContent()) ?? "", /FN0203/);

      // It is underlined, and its fix is a key away.
      await finding.first().dblclick();
      await page.locator(".squiggly-error").first().waitFor();
      await screenshot(page, "vscode-finding");
      await page.keyboard.press("Control+.");
      await page.locator(".action-widget .monaco-list-row").filter({ hasText: "shop/cart" }).first().waitFor();
      await page.keyboard.press("Enter");
      await finding.first().waitFor({ state: "hidden" });

      // What the name is that the cursor is in.
      await page.keyboard.press("Control+k");
      await page.keyboard.press("Control+i");
      await page.locator(".monaco-hover").filter({ hasText: "identity shop/cart" }).first().waitFor();
      await screenshot(page, "vscode-hover");

      // What may follow.
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+End");
      await page.keyboard.press("Enter");
      await page.keyboard.type("policy other for shop/c");
      await page.locator(".suggest-widget .monaco-list-row").filter({ hasText: "shop/cart" }).first().waitFor();
      await screenshot(page, "vscode-completion");
      await page.keyboard.press("Escape");

      // A server that is started again finds the same again.
      await run(page, "fleetnet: Restart the Language Server");
      await problems(page, "expected").first().waitFor();
    } finally {
      await screenshot(page, "vscode-last");
      await close();
    }
  });
});
