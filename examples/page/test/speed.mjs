// Samples per second of the page's training in node, tests not counted, the best of five runs; to compare with
// `cargo run --release --example speed`.

import { load, USUAL } from "./wasm.mjs";

const trainer = await load();
/** Of the 89 steps of an epoch, so that no test is in them. */
const STEPS = 88;

function speed() {
  trainer.begin(USUAL);
  let [learnt, millis] = [0, 0];
  for (;;) {
    const started = performance.now();
    const { done, steps } = trainer.advance(STEPS);
    millis += performance.now() - started;
    learnt += STEPS * USUAL.batch;
    trainer.advance(0xffffffff);
    if (done + 1 === steps) return (1000 * learnt) / millis;
  }
}

const speeds = Array.from({ length: 5 }, speed);
console.log(`${Math.round(Math.max(...speeds))} samples/s`);
