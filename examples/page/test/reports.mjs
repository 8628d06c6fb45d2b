// The pages that host-sim writes with --report, in Chromium. HOST_SIM names the program.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { isFine, launch } from "./browser.mjs";

const skip = !process.env.HOST_SIM && "HOST_SIM names no program";
const browser = await launch();
const folder = mkdtempSync(join(tmpdir(), "reports-"));
writeFileSync(join(folder, "t.csv"), table());

after(async () => {
  await browser.close();
  rmSync(folder, { recursive: true });
});

/** Two classes that would be markup, of 42 columns. */
function table() {
  const columns = Array.from({ length: 42 }, (_, column) => `c${column}`);
  const row = (index) => columns.map((_, column) => (index * 7919 + column * 104729) % 1009);
  const label = (index) => (index % 3 ? "<script>document.title = 'evil'</script>" : "<img src=x onerror=alert(1)>");
  const rows = Array.from({ length: 60 }, (_, index) => [...row(index), label(index)].join(","));
  return [[...columns, "label"].join(","), ...rows].join("\n");
}

const COMMANDS = {
  "a run": "train --epochs 2 --validation 0.2 --monitor",
  "a run on a table of a stranger": "train --network flow-7x6 --data t.csv --epochs 2 --validation 0.2",
  "a cross-validation": "train --network flow-7x6 --data t.csv --epochs 1 --folds 2",
  "a budget": "budget --network watch-12x1 flow-7x6 --mode keep-adam online-sgd",
  "the bare budget": "budget",
  "a study": "study compare --network watch-mlp,watch-12x1 --epochs 1 --test-subjects 9,10 --seeds 1",
};

for (const [name, command] of Object.entries(COMMANDS)) {
  test(`${name}: everybody can read it, and it asks for nothing`, { skip }, async () => {
    const path = join(folder, "report.html");
    execFileSync(process.env.HOST_SIM, ["--quiet", ...command.split(" "), "--report", path], { cwd: folder, stdio: "ignore" });
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 400]) await read(pathToFileURL(path).href, { colorScheme, viewport: { width, height: 900 } });
    }
  });
}

async function read(url, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("dialog", (dialog) => complaints.push(dialog.message()) && dialog.dismiss());
  page.on("request", (request) => request.url() === url || complaints.push(request.url()));
  await page.goto(url);
  await isFine(page, options.viewport.width);
  await isWithin(page);
  await page.emulateMedia({ media: "print" });
  const [ink, paper] = await page.evaluate(() => [getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]);
  assert.deepEqual([ink, paper], ["rgb(29, 35, 40)", "rgba(0, 0, 0, 0)"], "dark ink on paper");
  assert.deepEqual(complaints, []);
  await context.close();
}

/** No picture and no table is wider than what it is in, but where it can be moved. */
async function isWithin(page) {
  const beyond = await page.evaluate(() =>
    [...document.querySelectorAll("section, section *:not(.scroll, .scroll *, svg *, .unseen)")]
      .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth)
      .map((element) => element.outerHTML.slice(0, 99)));
  assert.deepEqual(beyond, []);
}
