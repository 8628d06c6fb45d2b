// Chromium, and what every page must be. CHROMIUM names another browser than Debian's.

import assert from "node:assert/strict";
import axe from "axe-core";
import { chromium } from "playwright-core";

const QUIET = ["quic", "background-networking", "component-update", "sync", "gpu"].map((what) => `--disable-${what}`);

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--headless", "--no-sandbox", "--no-first-run", ...QUIET],
  });
}

/** Nobody is kept out, and nothing is wider than the window. */
export async function isFine(page, width) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
}
