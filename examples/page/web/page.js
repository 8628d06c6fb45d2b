// What is on the page, and what happens when it is used.

import { showBudget } from "./budget.js";
import { draw, roundTop } from "./chart.js";
import { showConfusion } from "./confusion.js";
import { MAX_BYTES, readTable } from "./csv.js";

const at = (id) => document.getElementById(id);
const NETWORK_OF_TABLES = "table-16";
const WATCH = at("data").textContent;
/** Milliseconds between two messages for people who listen. */
const QUIET = 2000;

const worker = new Worker("worker.js", { type: "module" });
let catalog;
/** A table of the user's, or null for the watch. */
let table = null;
/** "idle", "running" or "paused" */
let state = "idle";
/** What has been told of the run so far. */
let run = { number: 0, epochs: [], millis: 0, samples: 0, settings: null };
let lastWords = 0;
/** That of the next picture, if something is new. */
let frame = 0;

const heard = {
  ready(message) {
    catalog = message.catalog;
    fill(at("board"), catalog.boards.map(({ name }) => name));
    at("board").value = "stm32f405";
    chooseData(null);
    enter("idle");
    say("Ready.");
  },
  progress: showProgress,
  halted({ crc32 }) {
    run.crc32 = crc32;
    showResults();
    at("download").disabled = false;
  },
  weights({ bytes }) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
    link.download = `${run.settings.network}.safetensors`;
    link.click();
    URL.revokeObjectURL(link.href);
  },
  error({ message }) {
    at("error").textContent = message;
    if (catalog) enter("idle");
    say("The training has stopped.");
  },
};

worker.addEventListener("message", ({ data }) => {
  if (data.run === undefined || data.run === run.number) heard[data.kind](data);
});
worker.addEventListener("error", () => heard.error({ message: "The trainer cannot be loaded." }));

at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  at("error").textContent = "";
  run = { number: run.number + 1, epochs: [], millis: 0, samples: 0, settings: settings() };
  at("download").disabled = true;
  at("same").hidden = true;
  at("epoch-rows").replaceChildren();
  showResults();
  worker.postMessage({ order: "begin", run: run.number, settings: { ...run.settings, table } });
  enter("running");
  say("The training has begun.");
});

at("pause").addEventListener("click", () => {
  const pauses = state === "running";
  worker.postMessage({ order: pauses ? "halt" : "resume" });
  enter(pauses ? "paused" : "running");
  say(pauses ? "Paused." : "The training goes on.");
});

at("stop").addEventListener("click", () => {
  worker.postMessage({ order: "halt" });
  enter("idle");
  say(`Stopped after ${run.epochs.length} of ${run.settings.epochs} epochs.`);
});

at("download").addEventListener("click", () => worker.postMessage({ order: "weights" }));
at("network").addEventListener("change", chooseNetwork);
at("mode").addEventListener("change", showMemory);
at("board").addEventListener("change", showMemory);
at("watch").addEventListener("click", () => {
  chooseData(null);
  at("file").focus();
});

at("rate").addEventListener("input", showRate);
at("rate-slider").addEventListener("input", () => {
  at("rate").value = Number((10 ** at("rate-slider").value).toPrecision(2));
});

at("file").addEventListener("change", () => {
  const [file] = at("file").files;
  if (file) readFile(file);
  // The same file may be chosen again once it is mended.
  at("file").value = "";
});

for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    at("drop").classList.toggle("over", kind === "dragenter" || kind === "dragover");
    const [file] = kind === "drop" ? event.dataTransfer.files : [];
    if (file) readFile(file);
  });
}

async function readFile(file) {
  at("error").textContent = "";
  try {
    if (state !== "idle") throw new Error("stop the training first.");
    if (file.size > MAX_BYTES) throw new Error(`The file has more than ${MAX_BYTES / 1e6} megabytes.`);
    chooseData(readTable(await file.text(), catalog), file.name);
  } catch (error) {
    at("error").textContent = `${file.name}: ${error.message}`;
  }
}

function chooseData(chosen, name) {
  table = chosen;
  at("watch").hidden = table === null;
  at("data").textContent = table ? describe(table, name) : WATCH;
  const networks = new Set(catalog.ways.map(({ network }) => network));
  const fitting = [...networks].filter((network) => (network === NETWORK_OF_TABLES) === (table !== null));
  fill(at("network"), fitting);
  chooseNetwork();
  showConfusion(at("confusion"), classes());
}

function describe({ labels, columns, classes }, name) {
  return `Data: ${name}: ${labels.length} rows, ${columns.length} columns of numbers, ${classes.length} labels (${classes.join(", ")}).`;
}

const classes = () => (table ? table.classes : catalog.exercises);
const ways = () => catalog.ways.filter(({ network }) => network === at("network").value);
const way = () => ways().find(({ mode }) => mode === at("mode").value);

function chooseNetwork() {
  const before = at("mode").value;
  fill(at("mode"), ways().map(({ mode }) => mode));
  if (ways().some(({ mode }) => mode === before)) at("mode").value = before;
  const { about, parameters } = way();
  at("about").textContent = `${about}; ${parameters.toLocaleString("en")} weights.`;
  showMemory();
}

function showMemory() {
  const board = catalog.boards.find(({ name }) => name === at("board").value);
  showBudget({ bar: at("bar"), rows: at("role-rows"), fits: at("fits") }, way().budget, catalog.stack, board);
}

function fill(select, names) {
  select.replaceChildren(...names.map((name) => new Option(name, name)));
}

function showRate() {
  at("rate-slider").value = Math.log10(at("rate").value);
}

function settings() {
  const numbers = ["seed", "batch", "epochs", "rate"].map((id) => [id, Number(at(id).value)]);
  return { network: at("network").value, mode: at("mode").value, ...Object.fromEntries(numbers) };
}

function enter(next) {
  state = next;
  const isIdle = state === "idle";
  at("fields").disabled = at("start").disabled = at("file").disabled = at("watch").disabled = !isIdle;
  at("pause").disabled = at("stop").disabled = isIdle;
  at("pause").textContent = state === "paused" ? "Continue" : "Pause";
}

function showProgress({ done, steps, samples, millis, epoch, isOver }) {
  // The last slice of a run that was stopped comes after the stop.
  const isNews = state !== "idle";
  at("progress").value = done / steps;
  [run.millis, run.samples] = [run.millis + millis, samples];
  if (epoch) showEpoch(epoch);
  if (isOver) {
    enter("idle");
    showResults();
    at("command").textContent = command(run.settings);
    at("same").hidden = table !== null;
    say(`Finished: ${percent(run.epochs.at(-1).accuracy)} of the test are right. CRC-32 of the weights: ${run.crc32}.`);
  } else if (isNews && epoch && state === "running" && performance.now() > lastWords + QUIET) {
    say(`Epoch ${epoch.number} of ${run.settings.epochs}: ${percent(epoch.accuracy)} of the test are right.`);
  }
}

function showEpoch(epoch) {
  const { number, loss, test_loss, accuracy, crc32 } = epoch;
  run.epochs.push(epoch);
  run.crc32 = crc32;
  const cells = [number, ...[loss, test_loss].map((loss) => loss?.toFixed(4) ?? "not finite"), percent(accuracy)];
  const row = document.createElement("tr");
  row.append(...cells.map((content) => Object.assign(document.createElement("td"), { textContent: content })));
  at("epoch-rows").append(row);
  at("download").disabled = false;
  // Epochs of a small table come faster than pictures.
  frame ||= requestAnimationFrame(showResults);
}

function showResults() {
  cancelAnimationFrame(frame);
  frame = 0;
  showCurves();
  showConfusion(at("confusion"), classes(), run.epochs.at(-1)?.confusion);
  showFigures();
}

function showCurves() {
  const of = (key) => run.epochs.map((epoch) => epoch[key]);
  const epochs = run.settings?.epochs ?? 25;
  const losses = [of("loss"), of("test_loss")];
  draw(at("loss-chart"), "Loss", [
    { name: "training", values: losses[0], line: "first" },
    { name: "test", values: losses[1], line: "second" },
  ], { epochs, top: roundTop(losses.flat()), format: (value) => value.toFixed(2) });
  const accuracy = { name: "test", values: of("accuracy"), line: "second" };
  draw(at("accuracy-chart"), "Test accuracy", [accuracy], { epochs, top: 1, format: (share) => `${Math.round(100 * share)} %` });
}

function showFigures() {
  const last = run.epochs.at(-1);
  at("accuracy").textContent = last ? percent(last.accuracy) : "–";
  at("crc").textContent = run.crc32 ?? "–";
  at("speed").textContent = run.millis > 0 ? Math.round((1000 * run.samples) / run.millis).toLocaleString("en") : "–";
}

/** How host-sim trains the same; what is kept for the backward pass makes no difference to the weights. */
function command({ network, mode, seed, batch, epochs, rate }) {
  const state = ["bf16", "8bit"].find((state) => mode.endsWith(state));
  const options = { network, seed, batch, epochs, lr: rate, ...(state && { state }) };
  return `host-sim train ${Object.entries(options).map(([name, value]) => `--${name} ${value}`).join(" ")}`;
}

function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

function say(words) {
  at("status").textContent = words;
  lastWords = performance.now();
}

showRate();
showCurves();
