// Trains beside the page, in slices, so that it hears of a pause in between.

import { Trainer } from "./trainer.js";

/** Milliseconds of a slice. */
const SLICE = 30;
/** Samples between two looks at the clock. */
const SAMPLES = 256;

let trainer;
let isRunning = false;
/** Counts the loops that were started; only the last one goes on. */
let loops = 0;
let stepsAtOnce = 1;
/** The page's number of the run: what is told of an earlier one may arrive when the next has begun. */
let run = 0;

const orders = {
  begin({ settings, run: number }) {
    trainer.begin(settings);
    run = number;
    stepsAtOnce = Math.max(1, Math.floor(SAMPLES / settings.batch));
    go();
  },
  resume: go,
  halt() {
    isRunning = false;
    postMessage({ kind: "halted", run, crc32: trainer.checksum() });
  },
  weights() {
    const bytes = trainer.weights();
    postMessage({ kind: "weights", bytes }, [bytes.buffer]);
  },
};

addEventListener("message", ({ data }) => tell(() => orders[data.order](data)));

async function go() {
  const loop = ++loops;
  isRunning = true;
  while (isRunning && loop === loops) {
    const isOver = tell(slice) ?? true;
    if (isOver) isRunning = false;
    else await turn();
  }
}

/** Trains for a while and reports; whether the run is over. */
function slice() {
  const started = performance.now();
  let progress, millis;
  do {
    progress = trainer.advance(stepsAtOnce);
    millis = performance.now() - started;
  } while (!progress.epoch && millis < SLICE);
  const isOver = progress.done === progress.steps;
  postMessage({ kind: "progress", run, ...progress, millis, isOver });
  return isOver;
}

/** Lets messages in. A timer would wait for four milliseconds. */
function turn() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
}

/** Does something; what goes wrong is told to the page. */
function tell(work) {
  try {
    return work();
  } catch (error) {
    isRunning = false;
    postMessage({ kind: "error", message: error.message });
  }
}

try {
  const response = await fetch(new URL("trainlet.wasm", import.meta.url));
  if (!response.ok) throw new Error(`trainlet.wasm: ${response.status} ${response.statusText}`);
  trainer = await Trainer.load(new Uint8Array(await response.arrayBuffer()));
  postMessage({ kind: "ready", catalog: trainer.list() });
} catch (error) {
  postMessage({ kind: "error", message: `The trainer cannot be loaded (${error.message}).` });
}
