// The trainer of the page ends in the weights of host-sim, needs the RAM that host-sim says, and writes its files.
//
// HOST_SIM names the program to compare with.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { load, train, USUAL } from "./wasm.mjs";

const trainer = await load();
const folder = mkdtempSync(join(tmpdir(), "page-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/** Runs host-sim and gives the file that it writes at the last option. */
function hostSim(name, ...options) {
  const path = join(folder, name);
  execFileSync(process.env.HOST_SIM, [...options, path], { stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync(path);
}

const needsHostSim = { skip: !process.env.HOST_SIM && "HOST_SIM names no program" };

test("the run without options ends in the CRC-32 of the README", () => {
  const { number, accuracy, crc32 } = train(trainer, USUAL);
  assert.deepEqual([number, crc32], [25, "81c345b5"]);
  assert.equal(accuracy.toFixed(3), "0.777");
});

test("what is kept for the backward pass makes no difference to the weights", () => {
  const { ways } = trainer.list();
  for (const network of new Set(ways.map(({ network }) => network))) {
    if (network === "table-16") continue;
    const modes = ways.filter((way) => way.network === network && way.mode.endsWith("adam")).map(({ mode }) => mode);
    const checksums = modes.map((mode) => {
      trainer.begin({ ...USUAL, network, mode, batch: 8 });
      trainer.advance(20);
      return trainer.checksum();
    });
    assert.equal(new Set(checksums).size, 1, `${network}: ${modes} ${checksums}`);
  }
});

test("a run is the same however it is cut", () => {
  const settings = { ...USUAL, epochs: 2, seed: 5 };
  const { crc32 } = train(trainer, settings);
  trainer.begin(settings);
  let progress;
  do progress = trainer.advance(7);
  while (progress.done < progress.steps);
  assert.deepEqual([progress.epoch.crc32, progress.samples], [crc32, 2 * 2832]);
});

test("other settings end where host-sim does, and the file is host-sim's to the byte", needsHostSim, () => {
  const runs = [
    { network: "watch-16x2", seed: 7, batch: 20, epochs: 2, rate: 0.003 },
    { network: "watch-pyramid", seed: 4294967295, batch: 64, epochs: 1, rate: 0.01 },
    { network: "watch-mlp", seed: 3, batch: 32, epochs: 1, rate: 0.005, state: "bf16" },
  ];
  for (const { state, ...settings } of runs) {
    const mode = state ? `recompute-adam-${state}` : "keep-adam";
    const { network, seed, batch, epochs, rate } = settings;
    train(trainer, { ...settings, mode });
    const options = { network, seed, batch, epochs, lr: rate, ...(state && { state }) };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`]);
    const file = hostSim("host.safetensors", "train", ...words, "--save");
    assert.ok(file.equals(trainer.weights()), `${network}: the files differ`);
  }
});

test("host-sim evaluates the file of the page", needsHostSim, () => {
  const { accuracy } = train(trainer, { ...USUAL, epochs: 2 });
  const path = join(folder, "page.safetensors");
  writeFileSync(path, trainer.weights());
  const words = execFileSync(process.env.HOST_SIM, ["evaluate", "--weights", path], { encoding: "utf8" });
  assert.match(words, new RegExp(`accuracy +${(100 * accuracy).toFixed(1)} %`));
});

test("networks need the RAM that host-sim says, on boards that have the RAM that it says", needsHostSim, () => {
  const { ways, boards, stack } = trainer.list();
  const rows = JSON.parse(hostSim("budget.json", "budget", "--json"));
  for (const { network, mode, parameters, budget } of ways.filter(({ network }) => network !== "table-16")) {
    const row = rows.find((row) => row.network === network && row.mode === mode);
    assert.deepEqual([parameters, budget, stack], [row.parameters, row.budget, row.stack], `${network} ${mode}`);
  }
  const [first] = rows;
  assert.deepEqual(boards.map(({ name }) => name), first.on.map(({ board }) => board));
  for (const { name, ram } of boards) {
    const theirs = first.on.find(({ board }) => board === name);
    assert.equal(ram, first.total + theirs.left, name);
  }
});

test("a table is learnt from, and every fourth row tested", () => {
  const columns = ["x", "y"];
  const rows = Array.from({ length: 400 }, (_, index) => [Math.sin(index), Math.cos(3 * index) * 1000]);
  const labels = rows.map(([x, y]) => Number(x * y > 0));
  const table = { columns, classes: ["apart", "alike"], values: rows.flat(), labels };
  const epoch = train(trainer, { ...USUAL, network: "table-16", epochs: 40, table });
  assert.equal(epoch.confusion.flat().reduce((sum, count) => sum + count), 100);
  assert.ok(epoch.accuracy > 0.9, `${epoch.accuracy}`);
  const file = Buffer.from(trainer.weights());
  const header = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE())));
  assert.deepEqual(JSON.parse(header.__metadata__.trainlet).preparation.table.columns, columns);
});

test("settings that make no sense are refused by name", () => {
  const begin = (settings) => () => trainer.begin({ ...USUAL, ...settings });
  assert.throws(begin({ network: "watch-1x1" }), /watch-1x1 has no way of training keep-adam/);
  assert.throws(begin({ batch: 0 }), /at least 1/);
  assert.throws(begin({ epochs: 4294967295, batch: 1 }), /more steps than can be counted/);
  assert.throws(begin({ rate: -1 }), /rate/);
  assert.throws(begin({ network: "table-16" }), /for other data/);
  const table = { columns: ["x"], classes: ["a", "b"], values: [1, 2, 3, 4], labels: [0, 1, 2, 0] };
  assert.throws(begin({ network: "table-16", table }), /measures/);
  assert.throws(() => trainer.advance(1), /no run has begun/);
});
