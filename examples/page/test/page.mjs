// The page in Chromium. HOST_SIM names the program to compare with, CHROMIUM another browser than Debian's.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { isFine, launch } from "./browser.mjs";
import { serve } from "./serve.mjs";
import { load, train, USUAL } from "./wasm.mjs";

const browser = await launch();
const site = await serve();
const folder = mkdtempSync(join(tmpdir(), "page-"));
const patient = { timeout: 60_000 };

after(async () => {
  await browser.close();
  site.close();
  // Whoever asked, a worker too: nothing was sent.
  const files = new Set(["/", ...readdirSync(new URL("../site", import.meta.url)).map((name) => `/${name}`)]);
  for (const request of new Set(site.requests)) {
    const [method, path] = request.split(" ");
    assert.ok(method === "GET" && files.has(path), request);
  }
  rmSync(folder, { recursive: true });
});

/** Does something on a new page, which must say nothing on the console and ask for nothing but its own files. */
async function onPage(work, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(`${error}`));
  page.on("request", (request) => {
    const isOwn = request.method() === "GET" && request.url().startsWith(site.address);
    if (!isOwn && !/^(data|blob):/.test(request.url())) complaints.push(`${request.method()} ${request.url()}`);
  });
  await page.goto(site.address);
  await says(page, "Ready.");
  await work(page);
  assert.deepEqual(complaints, []);
  await context.close();
}

/** Waits until the page says something that begins so. */
async function says(page, start) {
  await page.locator("#status").filter({ hasText: start }).waitFor(patient);
}

async function fill(page, { network, mode, ...numbers }) {
  await page.selectOption("#network", network);
  await page.selectOption("#mode", mode);
  for (const [id, value] of Object.entries(numbers)) await page.fill(`#${id}`, `${value}`);
}

async function trainOn(page, settings) {
  await fill(page, settings);
  await page.click("#start");
  await says(page, "Finished");
  return page.textContent("#crc");
}

/** Sepals and petals, made up: three clouds of points. */
function flowers() {
  const kinds = ["setosa", "versicolor", "virginica"];
  const row = (index) => {
    const kind = index % 3;
    const noise = (place) => Math.sin(12.9 * index + 78.2 * place);
    return [4.9 + kind, 3.3 - 0.3 * kind, 1.5 + 2 * kind].map((mean, place) => (mean + 0.4 * noise(place)).toFixed(2)).concat(kinds[kind]);
  };
  const rows = Array.from({ length: 120 }, (_, index) => row(index).join(","));
  return ["sepal length,sepal width,petal length,species", ...rows].join("\n");
}

async function drop(page, name, text) {
  const data = await page.evaluateHandle(([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, { type: "text/csv" }));
    return data;
  }, [name, text]);
  await page.dispatchEvent("#drop", "dragover", { dataTransfer: data });
  await page.dispatchEvent("#drop", "drop", { dataTransfer: data });
}

test("the run that is set up ends in the CRC-32 of the README, by the keyboard alone", () => onPage(async (page) => {
  await page.focus("#network");
  const reached = async () => page.evaluate(() => document.activeElement.id);
  for (let presses = 0; (await reached()) !== "start"; presses++) {
    assert.ok(presses < 10, "the button is not reached");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await says(page, "Finished: 77.7 % of the test are right. CRC-32 of the weights: 81c345b5.");
  assert.equal(await page.locator("#epoch-rows tr").count(), 25);
  assert.match(await page.getAttribute("#loss-chart", "aria-label"), /after epoch 25: training 0\.05, test 0\.69/);
  assert.deepEqual(await page.locator("#confusion tbody tr:first-child td").allTextContents(), ["83", "0", "0", "0", "0", "0", "0"]);
}));

test("the command that the page shows gives the same bits", { skip: !process.env.HOST_SIM && "HOST_SIM names no program" }, () =>
  onPage(async (page) => {
    const runs = [
      { network: "watch-16x2", mode: "recompute-adam", seed: 7, batch: 20, epochs: 1, rate: 0.003 },
      { network: "watch-pyramid", mode: "recompute-adam-8bit", seed: 1, batch: 64, epochs: 2, rate: 0.01 },
    ];
    for (const settings of runs) {
      const crc32 = await trainOn(page, settings);
      const [, ...words] = (await page.textContent("#command")).split(" ");
      const record = join(folder, "record.json");
      execFileSync(process.env.HOST_SIM, [...words, "--json", record], { stdio: "ignore" });
      const { weights_crc32 } = JSON.parse(readFileSync(record));
      assert.equal(crc32, weights_crc32.toString(16).padStart(8, "0"), settings.network);
    }
  }));

test("a run that pauses gives bit-identical weights, and one that is stopped can be begun anew", () => onPage(async (page) => {
  const settings = { ...USUAL, network: "watch-26x2", epochs: 6 };
  await fill(page, settings);
  await page.click("#start");
  await page.click("#pause");
  await says(page, "Paused.");
  assert.ok(await page.isDisabled("#start"));
  assert.ok(Number(await page.getAttribute("#progress", "value")) < 1);
  await page.click("#pause");
  await says(page, "Finished");
  const crc32 = await page.textContent("#crc");
  assert.equal(crc32, train(await load(), settings).crc32);
  await page.fill("#epochs", "1000");
  await page.click("#start");
  await page.click("#stop");
  await says(page, "Stopped after");
  assert.equal(await trainOn(page, settings), crc32);
}));

test("the weights are downloaded", () => onPage(async (page) => {
  const settings = { ...USUAL, network: "watch-inception", epochs: 1 };
  await trainOn(page, settings);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
  assert.equal(download.suggestedFilename(), "watch-inception.safetensors");
  const trainer = await load();
  train(trainer, settings);
  assert.ok(readFileSync(await download.path()).equals(Buffer.from(trainer.weights())));
}));

test("a table that is dropped is learnt from", () => onPage(async (page) => {
  await drop(page, "flowers.csv", flowers());
  await page.getByText("flowers.csv: 120 rows, 3 columns of numbers, 3 labels (setosa, versicolor, virginica)").waitFor(patient);
  assert.deepEqual(await page.locator("#network option").allTextContents(), ["table-16"]);
  await trainOn(page, { network: "table-16", mode: "keep-adam", epochs: 40, batch: 8 });
  assert.equal(await page.textContent("#accuracy"), "100.0 %");
  assert.deepEqual(await page.locator("#confusion tbody th").allTextContents(), ["setosa", "versicolor", "virginica"]);
  assert.ok(await page.isHidden("#same"));
  await page.click("#watch");
  assert.equal(await page.inputValue("#network"), "watch-12x1");
}));

test("a table with an error is refused by line and column, and the data stay", () => onPage(async (page) => {
  const name = "flowers.csv";
  await page.setInputFiles("#file", { name, mimeType: "text/csv", buffer: Buffer.from(flowers().replace("\n4.", "\nabout 4.")) });
  await page.getByRole("alert").filter({ hasText: "flowers.csv: Line 2, column “sepal length”: “about 4." }).waitFor(patient);
  assert.match(await page.textContent("#data"), /smartwatch/);
  await page.setInputFiles("#file", { name, mimeType: "text/csv", buffer: Buffer.from(flowers()) });
  await page.getByText("flowers.csv: 120 rows").waitFor(patient);
  assert.equal(await page.textContent("#error"), "");
}));

test("a board shows what fits and what does not", () => onPage(async (page) => {
  await page.selectOption("#board", "stm32g431");
  await page.selectOption("#network", "watch-16x2");
  assert.match(await page.textContent("#fits"), /of 32,768 bytes: it does not fit; [\d,]+ are missing/);
  await page.selectOption("#board", "stm32f405");
  assert.match(await page.textContent("#fits"), /of 131,072 bytes: it fits/);
  assert.match(await page.locator("#role-rows tr").first().textContent(), /Weights12,380/);
}));

test("a loss that is not finite is told", () => onPage(async (page) => {
  const rows = Array.from({ length: 40 }, (_, index) => `${index === 7 ? "3e38" : `${index}e-30`},${index % 3 ? "a" : "b"}`);
  await drop(page, "far.csv", ["x,kind", ...rows].join("\n"));
  await page.getByText("far.csv: 40 rows").waitFor(patient);
  await trainOn(page, { network: "table-16", mode: "keep-adam", rate: 1, epochs: 25 });
  assert.match(await page.locator("#epoch-rows tr:last-child").textContent(), /not finite/);
  assert.match(await page.getAttribute("#loss-chart", "aria-label"), /test not finite/);
}));

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 400]) {
    test(`everybody can use it: ${colorScheme}, ${width} pixels`, () => onPage(async (page) => {
      await isFine(page, width);
      await drop(page, "short.csv", "x,kind\n1,a");
      await page.getByRole("alert").filter({ hasText: "There are 1 rows" }).waitFor(patient);
      await drop(page, "flowers.csv", flowers());
      await trainOn(page, { network: "table-16", mode: "keep-adam", epochs: 3 });
      await page.click("#watch");
      await trainOn(page, { ...USUAL, epochs: 3 });
      await page.click("summary");
      await drop(page, "short.csv", "x,kind\n1,a");
      await page.getByRole("alert").filter({ hasText: "There are 1 rows" }).waitFor(patient);
      await isFine(page, width);
    }, { colorScheme, viewport: { width, height: 900 } }));
  }
}
